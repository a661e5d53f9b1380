#include "net/request_body.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace weft::net {

FileDescriptor make_spool_file(const std::string& directory) {
  std::string where = directory;
  if (where.empty()) {
    const char* from_environment = std::getenv("TMPDIR");
    where = from_environment != nullptr && *from_environment != '\0' ? from_environment : "/tmp";
  }
  FileDescriptor unnamed(::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (unnamed.is_open()) return unnamed;
  // Some file systems know no O_TMPFILE.
  std::string name = where + "/weft-body-XXXXXX";
  FileDescriptor named(::mkostemp(name.data(), O_CLOEXEC));
  if (named.is_open()) ::unlink(name.c_str());
  return named;
}

int write_fully(int fd, const char* data, size_t size) {
  while (size > 0) {
    ssize_t written = ::write(fd, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    data += written;
    size -= static_cast<size_t>(written);
  }
  return 0;
}

int RequestBody::value_type::append(const char* data, size_t length) {
  size += length;
  if (!file.is_open()) {
    if (size <= memory_limit) {
      if (memory_lease != nullptr && !memory_lease->grow_to(size)) return ENOSPC;
      memory.append(data, length);
      return 0;
    }
    if (!lease.grow_to(size)) return ENOSPC;
    file = make_spool_file(*spool_directory);
    if (!file.is_open()) return errno;
    if (int failed = write_fully(file.get(), memory.data(), memory.size()); failed != 0) {
      return failed;
    }
    memory.clear();
    memory.shrink_to_fit();
    if (memory_lease != nullptr) memory_lease->give_back();
  }
  if (!lease.grow_to(size)) return ENOSPC;
  return write_fully(file.get(), data, length);
}

}  // namespace weft::net
