#include "aws/credentials.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace weft::aws {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The settings of one profile; nothing when there is none of that name.
std::optional<std::map<std::string, std::string>> settings_of(std::string_view text,
                                                              std::string_view profile) {
  std::optional<std::map<std::string, std::string>> found;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('#') || line.starts_with(';')) continue;
    if (line.starts_with('[') && line.ends_with(']')) {
      inside = trim(line.substr(1, line.size() - 2)) == profile;
      if (inside && !found) found.emplace();
      continue;
    }
    const size_t equals = line.find('=');
    if (!inside || equals == std::string_view::npos) continue;
    (*found)[std::string(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
  }
  return found;
}

}  // namespace

std::string credentials_file(const Environment& environment) {
  if (auto path = environment("AWS_SHARED_CREDENTIALS_FILE")) return *path;
  return environment("HOME").value_or("") + "/.aws/credentials";
}

base::Result<Credentials> find_credentials(const Environment& environment,
                                           const std::string& profile, std::string_view file_text) {
  const auto id = environment("AWS_ACCESS_KEY_ID");
  const auto secret = environment("AWS_SECRET_ACCESS_KEY");
  if (profile.empty() && id && secret) {
    return Credentials{*id, *secret, environment("AWS_SESSION_TOKEN").value_or("")};
  }
  const std::string name =
      !profile.empty() ? profile : environment("AWS_PROFILE").value_or("default");
  const auto settings = settings_of(file_text, name);
  if (!settings) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("No credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set, "
                    "nor is there a profile '{}' in {}; for others (SSO, roles): eval \"$(aws "
                    "configure export-credentials --format env)\"",
                    name, credentials_file(environment)));
  }
  const auto value = [&](const std::string& key) {
    const auto setting = settings->find(key);
    return setting == settings->end() ? std::string() : setting->second;
  };
  Credentials found{value("aws_access_key_id"), value("aws_secret_access_key"),
                    value("aws_session_token")};
  if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return found;
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("The profile '{}' in {} has no aws_access_key_id and "
                                "aws_secret_access_key",
                                name, credentials_file(environment)));
}

}  // namespace weft::aws
