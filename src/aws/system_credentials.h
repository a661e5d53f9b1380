#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"

// What AWS's tools would use on this machine. Reads the environment and files; any thread.

namespace weft::aws {

// A variable of this process's environment.
std::optional<std::string> environment_variable(const std::string& name);

// find_credentials() with this process's environment and the credentials file. Also kIo.
base::Result<Credentials> system_credentials(const std::string& profile);

// AWS_REGION, else AWS_DEFAULT_REGION, else us-east-1.
std::string system_region();

}  // namespace weft::aws
