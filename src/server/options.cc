#include "server/options.h"

#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace weft::server {

using base::ErrorCode;
using base::fail;

base::Result<BucketFlag> parse_bucket_flag(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--bucket {}: expected NAME=DIRECTORY or NAME=URL, for example --bucket "
                    "photos=./photos",
                    text));
  }
  const std::string name(text.substr(0, equals));
  const std::string place(text.substr(equals + 1));
  if (!place.starts_with("http://") && !place.starts_with("https://"))
    return BucketFlag{name, place};
  return BucketFlag{.name = name, .directory = {}, .url = place};
}

base::Result<void> parse_listen_flag(std::string_view text, ServeOptions& options) {
  const size_t colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  std::string_view address = colon == std::string_view::npos ? "127.0.0.1" : text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
  if (error != std::errc() || end != port.data() + port.size() || address.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--listen {}: expected ADDRESS:PORT, for example 127.0.0.1:9338", text));
  }
  options.address = address == "localhost" ? "127.0.0.1" : std::string(address);
  return {};
}

base::Result<void> check_bucket_place(std::string_view flag, const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path parent = fs::absolute(path, error).lexically_normal().parent_path();
  if (fs::exists(path, error) ? fs::is_directory(path, error) : fs::is_directory(parent, error))
    return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{}: there is no such directory", flag));
}

base::Result<void> check_data_place(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path.empty())
    return fail(ErrorCode::kInvalidArgument, "--data: expected a directory, not an empty text");
  const auto status = fs::status(path, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("--data {}: {}", path, error.message()));
  }
  if (!fs::exists(status) || fs::is_directory(status)) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("--data {}: it is no directory", path));
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

std::string store_directory(std::string_view data_directory) {
  return fmt::format("{}/store", data_directory);
}

std::string derived_directory(std::string_view data_directory) {
  return fmt::format("{}/columns", data_directory);
}

}  // namespace weft::server
