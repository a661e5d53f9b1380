#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace weft::s3 {

inline constexpr std::string_view kDefaultContentType = "binary/octet-stream";

// What an object carries besides its bytes. Lives in the extended attribute `user.weft.object` of
// the file.
struct ObjectAttributes {
  // Without quotes; "" until the bytes are known.
  std::string etag;
  // Headers as they are sent again by GET: Content-Type, Cache-Control, x-amz-meta-* ... in lower
  // case.
  std::vector<std::pair<std::string, std::string>> headers;
};

// Size and modification time: attributes count only while the file has both unchanged.
struct FileStamp {
  uint64_t size = 0;
  int64_t mtime_ns = 0;

  static FileStamp of(const struct stat& status);
  bool operator==(const FileStamp&) const = default;
};

// What a file is before and after a look at its bytes, when nobody wrote to it in between: its
// stamp, and the time of its last change of any kind, which nobody can set back.
struct FileState {
  FileStamp stamp;
  int64_t ctime_ns = 0;

  static FileState of(const struct stat& status);
  bool operator==(const FileState&) const = default;
};

// One object as HEAD shows it.
struct ObjectInfo {
  std::string key;
  ObjectAttributes attributes;
  uint64_t size = 0;
  int64_t last_modified_ms = 0;

  std::string quoted_etag() const { return "\"" + attributes.etag + "\""; }
};

// Stores attributes beside the open file; false when the file system keeps none (they are computed
// or lost then).
bool write_attributes(int fd, const FileStamp& stamp, const ObjectAttributes& attributes);
// Attributes stored for exactly this state of the file.
std::optional<ObjectAttributes> read_attributes(int fd, const FileStamp& stamp);

// A folder that stands for an object `folder/`.
bool mark_folder(int fd);
void unmark_folder(int fd);
bool is_marked_folder(int fd);

}  // namespace weft::s3
