#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sys/stat.h>

#include "integrations/s3/object_attributes.h"
#include "sync/mutex.h"

namespace weft::s3 {

// The MD5 of no bytes: the ETag of folder markers.
inline constexpr std::string_view kEmptyEtag = "d41d8cd98f00b204e9800998ecf8427e";

// ETags of files that somebody else put into the directory, kept in memory so that a listing reads
// each file at most once. Nothing is written to such files. Thread-safe.
class EtagCache {
 public:
  // Files above this get an ETag made of their size and times, of the form S3 gives to multipart
  // uploads (`...-1`), because a listing must not read gigabytes. It never outlives a change of the
  // bytes, but changes with a touch, too: whoever must tell the two apart asks ContentHashes.
  static constexpr uint64_t kHashedBytesMax = 1024 * 1024;

  // The ETag (no quotes) of the file `name` in the open directory `directory`, whose state is
  // `status`.
  std::string etag_of(int directory, const char* name, const struct stat& status);
  // The same for an open file.
  std::string etag_of(int file, const struct stat& status);

 private:
  struct Entry {
    FileState state;
    std::string etag;
  };
  bool find(const struct stat& status, std::string& etag);
  void store(const struct stat& status, const std::string& etag);

  static constexpr size_t kEntriesMax = 1'000'000;
  sync::Mutex mutex_;
  // By inode number; a bucket is one file system but for mount points, which at worst share a slot.
  std::unordered_map<uint64_t, Entry> entries_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::s3
