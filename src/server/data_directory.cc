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

#include "base/ascii.h"
#include "base/encoding.h"
#include "integrations/s3/object_key.h"
#include "net/file_descriptor.h"

namespace weft::server {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr const char* kTokenFile = "token";
constexpr size_t kTokenBytes = 32;
constexpr const char* kEndpointFile = "endpoint";  // "PID URL"

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

std::unexpected<base::Error> cannot_write(const fs::path& path) {
  return fail(ErrorCode::kIo,
              fmt::format("Cannot write {}: {}", path.string(), std::strerror(errno)));
}

// A file for the owner alone.
base::Result<void> write_line(const fs::path& path, const std::string& text) {
  const net::FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const std::string line = text + "\n";
  const bool written =
      file.is_open() && ::fchmod(file.get(), 0600) == 0 &&
      ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written) return cannot_write(path);
  return {};
}

// What leave_endpoint() left, if `process` did; else "".
std::string endpoint_of(const std::string& data_directory, pid_t process) {
  std::ifstream file(fs::path(data_directory) / kEndpointFile);
  pid_t pid = 0;
  std::string url;
  return file >> pid >> url && pid == process ? url : "";
}

}  // namespace

base::Result<void> make_data_directory(const std::string& data_directory) {
  const fs::path path = real_path(data_directory);
  if (auto made = make_private_directory(path); !made) return made;
  for (const char* own : {"store", "columns", "logs", "runtime", "buckets"}) {
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
  const auto is_hex = [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'f'); };
  return std::ranges::all_of(token, is_hex) ? token : "";
}

base::Result<std::string> data_directory_token(const std::string& data_directory) {
  if (std::string token = read_data_directory_token(data_directory); !token.empty()) return token;
  const fs::path path = fs::path(data_directory) / kTokenFile;
  std::array<unsigned char, kTokenBytes> bytes;
  if (getentropy(bytes.data(), bytes.size()) != 0) return cannot_write(path);
  std::string token = base::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (auto written = write_line(path, token); !written) return std::unexpected(written.error());
  return token;
}

std::optional<pid_t> writer_of(const std::string& data_directory) {
  // Who has a store open for writing holds a lock on this file.
  const std::string lock = store_directory(data_directory) + "/LOCK";
  const net::FileDescriptor file(::open(lock.c_str(), O_RDONLY | O_CLOEXEC));
  struct flock question{};
  question.l_type = F_WRLCK;
  question.l_whence = SEEK_SET;
  if (!file.is_open() || fcntl(file.get(), F_GETLK, &question) != 0) return std::nullopt;
  return question.l_type == F_UNLCK ? 0 : question.l_pid;
}

base::Result<void> leave_endpoint(const std::string& data_directory, const std::string& url) {
  return write_line(fs::path(data_directory) / kEndpointFile, fmt::format("{} {}", getpid(), url));
}

void remove_endpoint(const std::string& data_directory) {
  std::error_code ignored;
  fs::remove(fs::path(data_directory) / kEndpointFile, ignored);
}

base::Result<std::unique_ptr<store::Store>> open_to_write(const std::string& data_directory,
                                                          store::OpenOptions options) {
  options.directory = store_directory(data_directory);
  auto opened = store::open_rocksdb(options);
  if (opened || opened.error().code != ErrorCode::kStorage) return opened;
  const std::optional<pid_t> writer = writer_of(data_directory);
  if (!writer || *writer == 0) return opened;
  const std::string url = endpoint_of(data_directory, *writer);
  return fail(
      ErrorCode::kStorage,
      fmt::format("{}{}; wait until it has ended, or choose another --data", opened.error().message,
                  url.empty() ? ""
                              : fmt::format(": the Weft at {0}, from which --endpoint {0} "
                                            "reads while it works",
                                            url)));
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
