#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "sync/mutex.h"

namespace weft::s3 {

// Names in one folder in S3's order: folders carry a trailing "/", so that bytewise order of these
// names is the order of the full keys below them ("a.txt" < "a/b"). Only regular files and folders,
// only UTF-8 names.
using FolderEntries = std::vector<std::string>;

// Reads the open folder. `skip_hidden` leaves .weft out (for the bucket's root).
FolderEntries read_folder(int folder, bool skip_hidden);

// Keeps the entries of the last few large folders, so that a page of a listing does not read all
// names again. Thread-safe.
class FolderCache {
 public:
  std::shared_ptr<const FolderEntries> entries(int folder, bool skip_hidden);

 private:
  struct Cached {
    dev_t device;
    ino_t inode;
    int64_t mtime_ns;
    std::shared_ptr<const FolderEntries> entries;
  };
  static constexpr size_t kFoldersMax = 8;
  static constexpr size_t kEntriesMin = 256;
  sync::Mutex mutex_;
  std::list<Cached> cached_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::s3
