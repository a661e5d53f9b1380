#include "integrations/lambda/bootstraps.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/lambda/bootstrap_texts.h"

namespace weft::lambda {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// Written beside and renamed, so that a process of another Weft with the same directory never sees
// half a file.
base::Result<void> write_file(const std::string& path, std::string_view text) {
  const std::string temporary = fmt::format("{}.{}", path, getpid());
  const net::FileDescriptor out(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool written = out.is_open() && ::write(out.get(), text.data(), text.size()) ==
                                            static_cast<ssize_t>(text.size());
  if (!written || std::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(ErrorCode::kIo, fmt::format("Cannot write the function runtime '{}': {}.", path,
                                            std::strerror(errno)));
  }
  return {};
}

constexpr std::string_view kTemporaryPrefix = "weft-runtime-";

std::unexpected<base::Error> cannot_create(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kIo, fmt::format("Cannot create the directory '{}': {}.", path, why));
}

std::string temporary_home() {
  const char* parent = std::getenv("TMPDIR");
  return parent != nullptr && *parent != '\0' ? parent : "/tmp";
}

net::FileDescriptor open_directory(const std::string& path) {
  return net::FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}
bool lock(const net::FileDescriptor& directory) {
  return ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}
// Of this user, and nobody holds it. Stays locked.
bool is_left(const net::FileDescriptor& directory) {
  struct stat about{};
  return directory.is_open() && ::fstat(directory.get(), &about) == 0 &&
         about.st_uid == ::geteuid() && lock(directory);
}

// Removes the directories of processes that were killed.
void sweep_temporary(const std::string& home) {
  std::error_code error;
  for (fs::directory_iterator at(home, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().native().starts_with(kTemporaryPrefix)) continue;
    const net::FileDescriptor directory = open_directory(at->path().native());
    std::error_code ignored;
    if (is_left(directory)) fs::remove_all(at->path(), ignored);
  }
}

struct Made {
  std::string path;
  net::FileDescriptor lock;
};

// It gets the name by which others find it once it is locked.
base::Result<Made> make_temporary() {
  const std::string home = temporary_home();
  std::string pattern = fmt::format("{}/.{}XXXXXX", home, kTemporaryPrefix);
  if (mkdtemp(pattern.data()) == nullptr) return cannot_create(pattern, std::strerror(errno));
  Made made{.path = fmt::format("{}/{}", home, pattern.substr(home.size() + 2)),
            .lock = open_directory(pattern)};
  // Where directories cannot be locked nobody takes them away either.
  if (made.lock.is_open()) (void)lock(made.lock);
  if (made.lock.is_open() && std::rename(pattern.c_str(), made.path.c_str()) == 0) return made;
  const std::string why = std::strerror(errno);
  ::rmdir(pattern.c_str());
  return cannot_create(made.path, why);
}

base::Result<Made> make_directory(const std::string& path) {
  std::error_code error;
  if (fs::create_directories(path, error)) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return cannot_create(path, error.message());
  return Made{.path = fs::absolute(path).string(), .lock = {}};
}

}  // namespace

base::Result<std::unique_ptr<BootstrapDirectory>> BootstrapDirectory::create(
    const std::string& path, bool other_users) {
  sweep_temporary(temporary_home());
  auto made = path.empty() || other_users ? make_temporary() : make_directory(path);
  if (!made) return std::unexpected(made.error());
  std::unique_ptr<BootstrapDirectory> directory(
      new BootstrapDirectory(std::move(made->path), std::move(made->lock)));
  for (const BootstrapFile& file : kBootstrapFiles) {
    auto written = write_file(fmt::format("{}/{}", directory->path(), file.name), file.text);
    if (!written) return std::unexpected(written.error());
    if (other_users) chmod(fmt::format("{}/{}", directory->path(), file.name).c_str(), 0644);
  }
  if (other_users) chmod(directory->path().c_str(), 0755);
  return directory;
}

BootstrapDirectory::~BootstrapDirectory() {
  if (!lock_.is_open()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace weft::lambda
