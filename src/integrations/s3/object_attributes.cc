#include "integrations/s3/object_attributes.h"

#include <fmt/format.h>
#include <sys/xattr.h>

#include "net/url.h"

namespace weft::s3 {
namespace {

constexpr const char* kObjectAttribute = "user.weft.object";
constexpr const char* kFolderAttribute = "user.weft.folder";

std::string describe(const FileStamp& stamp) {
  return fmt::format("{}.{}", stamp.size, stamp.mtime_ns);
}

}  // namespace

FileStamp FileStamp::of(const struct stat& status) {
  return {static_cast<uint64_t>(status.st_size),
          status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec};
}

FileState FileState::of(const struct stat& status) {
  return {FileStamp::of(status), status.st_ctim.tv_sec * 1'000'000'000LL + status.st_ctim.tv_nsec};
}

bool write_attributes(int fd, const FileStamp& stamp, const ObjectAttributes& attributes) {
  std::string text = fmt::format("stamp={}&etag={}", describe(stamp), attributes.etag);
  for (const auto& [name, value] : attributes.headers) {
    text += "&" + net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  return ::fsetxattr(fd, kObjectAttribute, text.data(), text.size(), 0) == 0;
}

std::optional<ObjectAttributes> read_attributes(int fd, const FileStamp& stamp) {
  std::string text(8192, '\0');
  ssize_t length = ::fgetxattr(fd, kObjectAttribute, text.data(), text.size());
  if (length <= 0) return std::nullopt;
  text.resize(static_cast<size_t>(length));
  ObjectAttributes out;
  bool current = false;
  for (auto& [name, value] : net::Query::parse(text).parameters) {
    if (name == "stamp") {
      current = value == describe(stamp);
    } else if (name == "etag") {
      out.etag = value;
    } else {
      out.headers.emplace_back(name, value);
    }
  }
  if (!current) return std::nullopt;
  return out;
}

bool mark_folder(int fd) { return ::fsetxattr(fd, kFolderAttribute, "1", 1, 0) == 0; }
void unmark_folder(int fd) { ::fremovexattr(fd, kFolderAttribute); }
bool is_marked_folder(int fd) { return ::fgetxattr(fd, kFolderAttribute, nullptr, 0) >= 0; }

}  // namespace weft::s3
