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
#include "integrations/s3/content_hashes.h"
#include "integrations/s3/etag_cache.h"
#include "integrations/s3/folder_entries.h"
#include "integrations/s3/object_attributes.h"
#include "integrations/s3/object_writer.h"
#include "integrations/s3/s3_error.h"
#include "integrations/s3/staging.h"
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
  // `staging` is a directory of the bucket's own, outside of `path`, for what is not complete yet;
  // made when it is missing. Errors: kNotFound, kInvalidArgument (no directory), kIo.
  static base::Result<std::shared_ptr<BucketDirectory>> open(const std::string& path,
                                                             const std::string& staging);

  // Errors of head and get: kNoSuchKey, also for keys that cannot be files; kKeyTooLong.
  S3Result<ObjectInfo> head(std::string_view key);
  S3Result<OpenObject> get(std::string_view key);
  // A place to write the bytes of an object to.
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

  // Replaces the tags of an object (see object_tags.h); none removes them. Errors: get's,
  // kNotImplemented where the file system cannot keep them.
  S3Result<void> set_tags(std::string_view key, std::string_view tags);

  const std::string& path() const { return path_; }
  // When the directory was made, as far as its file system tells.
  int64_t created_ms() const;
  // Which directory this is, also when another takes its name.
  std::pair<uint64_t, uint64_t> identity() const;
  // For the listing and the multipart uploads of this folder.
  int root() const { return root_.get(); }
  const Staging& staging() const { return staging_; }
  EtagCache& etags() { return etags_; }
  ContentHashes& contents() { return contents_; }
  FolderCache& folders() { return folders_; }

 private:
  BucketDirectory(std::string path, net::FileDescriptor root, Staging staging);
  S3Result<ObjectWriter> create_unnamed_writer();
  S3Result<OpenObject> get_folder(std::string_view key);
  S3Result<ObjectInfo> put_folder(std::string_view key, uint64_t size);
  void remove_empty_folders(std::string_view folder);

  std::string path_;
  net::FileDescriptor root_;
  Staging staging_;
  bool staged_ = false;  // objects are written in the staging directory, then renamed
  EtagCache etags_;
  ContentHashes contents_;
  FolderCache folders_;
};

}  // namespace weft::s3
