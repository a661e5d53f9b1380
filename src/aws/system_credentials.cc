#include "aws/system_credentials.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace weft::aws {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

base::Result<Credentials> system_credentials(const std::string& profile) {
  const std::string path = credentials_file(environment_variable);
  std::error_code error;
  std::ostringstream text;
  if (std::filesystem::exists(path, error)) {
    const std::ifstream file(path);
    text << file.rdbuf();
    if (!file) return base::fail(base::ErrorCode::kIo, fmt::format("{} cannot be read", path));
  }
  return find_credentials(environment_variable, profile, text.str());
}

std::string system_region() {
  if (auto region = environment_variable("AWS_REGION")) return *region;
  return environment_variable("AWS_DEFAULT_REGION").value_or("us-east-1");
}

}  // namespace weft::aws
