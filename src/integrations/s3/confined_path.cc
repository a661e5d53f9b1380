#include "integrations/s3/confined_path.h"

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <ios>
#include <string>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace weft::s3 {

net::FileDescriptor open_beneath(int root, std::string_view path, int flags, unsigned mode) {
  std::string name = path.empty() ? "." : std::string(path);
  open_how how{};
  how.flags = static_cast<uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  long fd;
  do {
    fd = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof(how));
    // EAGAIN: something was renamed during the walk.
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return net::FileDescriptor(static_cast<int>(fd));
}

net::FileDescriptor make_folder_beneath(int root, std::string_view path, unsigned mode) {
  net::FileDescriptor folder = open_beneath(root, path, O_RDONLY | O_DIRECTORY);
  if (folder.is_open() || errno != ENOENT || path.empty()) return folder;
  net::FileDescriptor parent = make_folder_beneath(root, parent_of(path), mode);
  if (!parent.is_open()) return parent;
  std::string name = name_of(path);
  if (::mkdirat(parent.get(), name.c_str(), mode) != 0 && errno != EEXIST) return {};
  return open_beneath(parent.get(), name, O_RDONLY | O_DIRECTORY);
}

unsigned file_mask() {
  // Asking by umask() would change it for the other threads meanwhile.
  static const unsigned mask = [] {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      unsigned found = 0;
      if (word == "Umask:" && status >> std::oct >> found) return found;
    }
    return 0077U;
  }();
  return mask;
}

std::string_view parent_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string name_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace weft::s3
