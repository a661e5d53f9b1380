#include "integrations/s3/folder_entries.h"

#include <algorithm>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "clock/system_clock.h"
#include "integrations/s3/object_key.h"
#include "json/utf8.h"
#include "sync/mutex.h"

namespace weft::s3 {
namespace {

// File systems stamp times in steps of a few milliseconds: a folder that changed just now may
// change again unseen.
constexpr int64_t kSettledNs = 50'000'000;

int64_t mtime_ns(const struct stat& status) {
  return status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

// DT_REG, DT_DIR or anything else, also on file systems that do not tell at once.
unsigned char type_of(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  struct stat status{};
  if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
  return S_ISREG(status.st_mode) ? DT_REG : S_ISDIR(status.st_mode) ? DT_DIR : DT_UNKNOWN;
}

}  // namespace

FolderEntries read_folder(int folder, bool skip_hidden) {
  FolderEntries out;
  // A descriptor of its own: reading moves the position.
  int own = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = own < 0 ? nullptr : ::fdopendir(own);
  if (stream == nullptr) {
    if (own >= 0) ::close(own);
    return out;
  }
  while (const dirent* entry = ::readdir(stream)) {
    std::string_view name = entry->d_name;
    if (name == "." || name == ".." || !json::is_utf8(name)) continue;
    if (skip_hidden && name == kHiddenFolder) continue;
    if (name.starts_with(kHiddenPrefix)) continue;
    unsigned char type = type_of(folder, *entry);
    if (type == DT_REG) out.emplace_back(name);
    if (type == DT_DIR) out.emplace_back(std::string(name) + "/");
  }
  ::closedir(stream);
  std::sort(out.begin(), out.end());
  return out;
}

std::shared_ptr<const FolderEntries> FolderCache::entries(int folder, bool skip_hidden) {
  struct stat status{};
  bool known = ::fstat(folder, &status) == 0;
  if (known) {
    const sync::MutexLock lock(mutex_);
    for (auto it = cached_.begin(); it != cached_.end(); ++it) {
      if (it->device != status.st_dev || it->inode != status.st_ino) continue;
      if (it->mtime_ns != mtime_ns(status)) {
        cached_.erase(it);
        break;
      }
      cached_.splice(cached_.begin(), cached_, it);
      return cached_.front().entries;
    }
  }
  int64_t read_at = clock::unix_ns();
  auto entries = std::make_shared<const FolderEntries>(read_folder(folder, skip_hidden));
  if (known && entries->size() >= kEntriesMin && mtime_ns(status) + kSettledNs < read_at) {
    const sync::MutexLock lock(mutex_);
    cached_.push_front({status.st_dev, status.st_ino, mtime_ns(status), entries});
    if (cached_.size() > kFoldersMax) cached_.pop_back();
  }
  return entries;
}

}  // namespace weft::s3
