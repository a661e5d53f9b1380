#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "integrations/s3/etag_cache.h"
#include "integrations/s3/folder_entries.h"
#include "integrations/s3/object_attributes.h"
#include "integrations/s3/object_writer.h"
#include "integrations/s3/s3_error.h"
#include "net/file_descriptor.h"

namespace weft::s3 {

// An object with its bytes open for reading. `file` is empty for a folder marker.
struct OpenObject {
  ObjectInfo info;
  std::shared_ptr<const net::FileDescriptor> file;
};

// What a put stores beside the bytes, and when it must not.
struct PutOptions {
  std::vector<std::pair<std::string, std::string>> headers{};  // see ObjectAttributes
  std::string etag{};                                          // "" = MD5 of the bytes
  bool only_if_absent = false;                                 // If-None-Match: *
};

struct ListQuery {
  std::string prefix{};
  std::string delimiter{};  // "" = none
  std::string after{};      // keys up to and including this one are left out
  // Whether `after` also hides the common prefix it lies in: so for V1 markers and continuation
  // tokens.
  bool after_hides_prefix = false;
  size_t max_keys = 1000;
};

struct ListResult {
  std::vector<ObjectInfo> objects;  // with etag, size and time; no headers
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  // the last key or common prefix given, to go on after
};

// A bucket that is a plain directory: the key `a/b.txt` is the file a/b.txt. Symbolic links,
// sockets and names that are not UTF-8 are not objects; nothing outside the directory is reachable.
// Objects written here are durable when the call returns. Thread-safe; every call blocks on the
// file system.
class BucketDirectory {
 public:
  // Errors: kNotFound, kInvalidArgument (no directory), kIo.
  static base::Result<std::shared_ptr<BucketDirectory>> open(const std::string& path);

  // Errors of head and get: kNoSuchKey, also for keys that cannot be files; kKeyTooLong.
  S3Result<ObjectInfo> head(std::string_view key);
  S3Result<OpenObject> get(std::string_view key);
  // A place to write the bytes of an object or a part to.
  S3Result<ObjectWriter> create_writer();
  // Puts the written bytes at `key`, replacing what is there. Errors: check_key's,
  // kPreconditionFailed (only_if_absent), kObjectConflict (part of the path is an object, or the
  // key is a folder with objects in it).
  S3Result<ObjectInfo> put(std::string_view key, ObjectWriter writer, const PutOptions& options);
  S3Result<ObjectInfo> put(std::string_view key, std::string_view bytes,
                           const PutOptions& options = {});
  // Removes the object and the folders that became empty. Success when there is none, as in S3.
  S3Result<void> remove(std::string_view key);
  // Objects in the order of their keys' bytes.
  S3Result<ListResult> list(const ListQuery& query);

  const std::string& path() const { return path_; }
  // For the listing and the multipart uploads of this folder.
  int root() const { return root_.get(); }
  EtagCache& etags() { return etags_; }
  FolderCache& folders() { return folders_; }

 private:
  BucketDirectory(std::string path, net::FileDescriptor root)
      : path_(std::move(path)), root_(std::move(root)) {}
  S3Result<OpenObject> get_folder(std::string_view key);
  S3Result<ObjectInfo> put_folder(std::string_view key, uint64_t size);
  void remove_empty_folders(std::string_view folder);

  std::string path_;
  net::FileDescriptor root_;
  EtagCache etags_;
  FolderCache folders_;
};

}  // namespace weft::s3
