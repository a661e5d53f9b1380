#include "integrations/s3/etag_cache.h"

#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "integrations/s3/md5.h"
#include "net/file_descriptor.h"
#include "sync/mutex.h"

namespace weft::s3 {
namespace {

// An ETag that needs no reading.
std::string etag_of_state(const FileState& state) {
  Md5 md5;
  md5.append(fmt::format("{} {} {}", state.stamp.size, state.stamp.mtime_ns, state.ctime_ns));
  return to_hex(md5.finish()) + "-1";
}

std::string etag_of_content(int file, const FileState& state) {
  Md5 md5;
  std::vector<char> buffer(256 * 1024);
  off_t offset = 0;
  while (true) {
    ssize_t length = ::pread(file, buffer.data(), buffer.size(), offset);
    if (length < 0) return etag_of_state(state);
    if (length == 0) return to_hex(md5.finish());
    md5.append({buffer.data(), static_cast<size_t>(length)});
    offset += length;
  }
}

}  // namespace

std::string EtagCache::etag_of(int directory, const char* name, const struct stat& status) {
  std::string etag;
  if (find(status, etag)) return etag;
  net::FileDescriptor file(
      ::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return file.is_open() ? etag_of(file.get(), status) : etag_of_state(FileState::of(status));
}

std::string EtagCache::etag_of(int file, const struct stat& status) {
  std::string etag;
  if (find(status, etag)) return etag;
  const FileState state = FileState::of(status);
  if (auto stored = read_attributes(file, state.stamp); stored && !stored->etag.empty()) {
    etag = stored->etag;
  } else {
    etag = state.stamp.size > kHashedBytesMax ? etag_of_state(state) : etag_of_content(file, state);
  }
  store(status, etag);
  return etag;
}

bool EtagCache::find(const struct stat& status, std::string& etag) {
  const sync::MutexLock lock(mutex_);
  auto it = entries_.find(status.st_ino);
  if (it == entries_.end() || it->second.state != FileState::of(status)) return false;
  etag = it->second.etag;
  return true;
}

void EtagCache::store(const struct stat& status, const std::string& etag) {
  const sync::MutexLock lock(mutex_);
  if (entries_.size() >= kEntriesMax) entries_.clear();
  entries_[status.st_ino] = Entry{FileState::of(status), etag};
}

}  // namespace weft::s3
