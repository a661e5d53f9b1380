#include "integrations/s3/staging.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/confined_path.h"
#include "integrations/s3/folder_entries.h"

namespace weft::s3 {
namespace {

constexpr std::string_view kTemporaryFolder = "tmp";

net::FileDescriptor duplicate(const net::FileDescriptor& file) {
  return net::FileDescriptor(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
}

}  // namespace

std::string random_name() {
  uint64_t random[2];
  if (::getrandom(random, sizeof(random), 0) != static_cast<ssize_t>(sizeof(random))) return "";
  return fmt::format("{:016x}{:016x}", random[0], random[1]);
}

base::Result<Staging> Staging::open(const std::string& directory) {
  const auto failed = [&](int error_number) {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("cannot open the staging directory {}: {}", directory,
                                  std::generic_category().message(error_number)));
  };
  std::error_code error;
  const bool made = std::filesystem::create_directories(directory, error);
  if (error) return failed(error.value());
  if (made && ::chmod(directory.c_str(), kOwnFolderMode) != 0) return failed(errno);
  net::FileDescriptor root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open()) return failed(errno);
  net::FileDescriptor temporary = make_folder_beneath(root.get(), kTemporaryFolder, kOwnFolderMode);
  if (!temporary.is_open()) return failed(errno);
  for (const std::string& left : read_folder(temporary.get(), false)) {
    ::unlinkat(temporary.get(), left.c_str(), 0);
  }
  return Staging(std::move(root), std::move(temporary));
}

S3Result<ObjectWriter> Staging::create_writer() const {
  std::string name = random_name();
  if (name.empty()) return s3_fail_errno("name", "a temporary file", errno);
  net::FileDescriptor file(::openat(temporary_.get(), name.c_str(),
                                    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                                    kOwnFileMode));
  if (!file.is_open()) return s3_fail_errno("make", "a temporary file", errno);
  net::FileDescriptor folder = duplicate(temporary_);
  if (!folder.is_open()) {
    const int failed = errno;
    ::unlinkat(temporary_.get(), name.c_str(), 0);
    return s3_fail_errno("make", "a temporary file", failed);
  }
  return ObjectWriter(std::move(folder), std::move(name), std::move(file));
}

bool Staging::shares_mount_with(int folder) const {
  struct statx own{};
  struct statx other{};
  const auto ask = [](int fd, struct statx& out) {
    return ::statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &out) == 0;
  };
  // Two mounts of one file system have one device and do not rename into each other.
  return ask(root_.get(), own) && ask(folder, other) && own.stx_dev_major == other.stx_dev_major &&
         own.stx_dev_minor == other.stx_dev_minor && (own.stx_mask & STATX_MNT_ID) != 0 &&
         own.stx_mnt_id == other.stx_mnt_id;
}

}  // namespace weft::s3
