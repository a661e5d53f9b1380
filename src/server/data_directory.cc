#include "server/data_directory.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/object_key.h"
#include "net/file_descriptor.h"

namespace weft::server {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr const char* kTokenFile = "token";
constexpr size_t kTokenBytes = 32;

// Nobody else may look into it. One that is there already, and may be used for more, keeps its
// mode.
base::Result<void> make_private_directory(const fs::path& path) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (made) fs::permissions(path, fs::perms::owner_all, error);
  if (!error) return {};
  return fail(ErrorCode::kIo,
              fmt::format("Cannot create the directory {}: {}", path.string(), error.message()));
}

// As it is on the disk, or will be.
fs::path real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(fs::absolute(path, error), error);
  return real.has_filename() ? real : real.parent_path();
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

}  // namespace

base::Result<void> make_data_directory(const std::string& data_directory) {
  const fs::path path = real_path(data_directory);
  if (auto made = make_private_directory(path); !made) return made;
  for (const char* own : {"store", "logs", "runtime", "buckets"}) {
    if (auto made = make_private_directory(path / own); !made) return made;
    // Of an earlier version.
    std::error_code ignored;
    fs::permissions(path / own, fs::perms::owner_all, ignored);
  }
  return {};
}

std::string read_data_directory_token(const std::string& data_directory) {
  std::ifstream file(fs::path(data_directory) / kTokenFile);
  std::string token;
  if (!std::getline(file, token) || token.size() != 2 * kTokenBytes) return "";
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::ranges::all_of(token, is_hex) ? token : "";
}

base::Result<std::string> data_directory_token(const std::string& data_directory) {
  if (std::string token = read_data_directory_token(data_directory); !token.empty()) return token;
  const fs::path path = fs::path(data_directory) / kTokenFile;
  const auto failed = [&] {
    return fail(ErrorCode::kIo,
                fmt::format("Cannot write {}: {}", path.string(), std::strerror(errno)));
  };
  std::array<unsigned char, kTokenBytes> bytes;
  if (getentropy(bytes.data(), bytes.size()) != 0) return failed();
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  const net::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const std::string line = token + "\n";
  const bool written =
      file.is_open() && ::fchmod(file.get(), 0600) == 0 &&
      ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written) return failed();
  return token;
}

base::Result<void> check_apart(const ServeOptions& options) {
  const fs::path data = real_path(options.data_directory);
  const auto check = [&](const std::string& flag, const std::string& directory) {
    const fs::path bucket = real_path(directory);
    const bool inside = is_within(data, bucket) && !is_within(data, bucket / s3::kHiddenFolder);
    if (!inside && !is_within(bucket, data)) return base::Result<void>();
    return base::Result<void>(
        fail(ErrorCode::kInvalidArgument,
             fmt::format("{}: the {} lies within the {} ({}): who may use the bucket would reach "
                         "what is kept there; choose another --data",
                         flag, inside ? "data directory" : "bucket",
                         inside ? "bucket" : "data directory", options.data_directory)));
  };
  for (const BucketFlag& flag : options.buckets) {
    if (!flag.url.empty()) continue;
    auto apart = check(fmt::format("--bucket {}={}", flag.name, flag.directory), flag.directory);
    if (!apart) return apart;
  }
  const std::string& home = options.buckets_home;
  return home.empty() ? base::Result<void>() : check("--buckets " + home, home);
}

}  // namespace weft::server
