#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/error.h"

// Where AWS's tools look for credentials (AWS CLI user guide, "Configuration and credential file
// settings"): the environment, then a profile of the credentials file. Pure: environment and file
// are arguments.

namespace weft::aws {

// The value of an environment variable; nothing when it is not set or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Which file holds the profile: AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials.
std::string credentials_file(const Environment& environment);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, unless a `profile` is named; else
// the profile (AWS_PROFILE, "default") in `file_text`, the text of credentials_file() ("" when
// there is none). kInvalidArgument says where was looked.
base::Result<Credentials> find_credentials(const Environment& environment,
                                           const std::string& profile, std::string_view file_text);

}  // namespace weft::aws
