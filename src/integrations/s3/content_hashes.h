#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "integrations/s3/md5.h"
#include "integrations/s3/object_attributes.h"
#include "integrations/s3/s3_error.h"
#include "sync/mutex.h"

namespace weft::s3 {

// The MD5 of whole files, however large, which is what tells whether a file is still the one that a
// Map Run began with. Computed once for each state of a file and kept in memory: a touch costs one
// more reading of it and changes nothing. Thread-safe.
class ContentHashes {
 public:
  // In hexadecimal digits. Reads the whole open file by pieces unless this state of it is known.
  // `go_on` is asked before each piece. Errors: kPreconditionFailed when it is changed meanwhile,
  // kInternalError (the disk fails, `go_on` says no).
  S3Result<std::string> hash_of(int file, const std::function<bool()>& go_on);

 private:
  struct Entry {
    FileState state;
    Md5::Digest digest{};
  };
  static constexpr size_t kEntriesMax = 100'000;
  sync::Mutex mutex_;
  std::unordered_map<uint64_t, Entry> entries_ WEFT_GUARDED_BY(mutex_);  // by inode number
};

}  // namespace weft::s3
