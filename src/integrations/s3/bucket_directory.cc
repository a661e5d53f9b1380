#include "integrations/s3/bucket_directory.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integrations/s3/confined_path.h"
#include "integrations/s3/object_key.h"
#include "integrations/s3/object_tags.h"

namespace weft::s3 {
namespace {

constexpr int kRetriesMax = 8;

int64_t modified_ms(const struct stat& status) {
  return FileStamp::of(status).mtime_ns / 1'000'000;
}

// S3 answers 404 for a key that cannot exist here; only its length is an error of its own.
S3Result<void> check_readable_key(std::string_view key) {
  auto checked = check_key(key);
  if (checked || checked.error().code == S3ErrorCode::kKeyTooLong) return checked;
  return s3_fail(S3ErrorCode::kNoSuchKey);
}

bool is_absent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP ||
         error_number == EXDEV || error_number == ENXIO || error_number == ENAMETOOLONG ||
         error_number == EISDIR;
}

// Removes an empty folder that does not stand for an object.
bool remove_unmarked_folder(int parent, const std::string& name) {
  net::FileDescriptor own = open_beneath(parent, name, O_RDONLY | O_DIRECTORY);
  if (!own.is_open() || is_marked_folder(own.get())) return false;
  return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

// Whether the folder has no name any more.
bool is_removed(int folder) {
  struct stat status{};
  return ::fstat(folder, &status) == 0 && status.st_nlink == 0;
}

std::unexpected<S3Error> tags_not_kept() {
  return s3_fail(S3ErrorCode::kNotImplemented,
                 "The file system of the bucket's directory cannot keep tags of this size");
}

std::unexpected<S3Error> conflict(std::string_view key) {
  return s3_fail(
      S3ErrorCode::kObjectConflict,
      fmt::format(
          "The bucket is a directory: \"{}\" cannot be both an object and a folder of objects",
          key));
}

}  // namespace

BucketDirectory::BucketDirectory(std::string path, net::FileDescriptor root, Staging staging)
    : path_(std::move(path)),
      root_(std::move(root)),
      staging_(std::move(staging)),
      staged_(staging_.shares_mount_with(root_.get())) {}

base::Result<std::shared_ptr<BucketDirectory>> BucketDirectory::open(const std::string& path,
                                                                     const std::string& staging) {
  net::FileDescriptor root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root.is_open()) {
    auto code = errno == ENOENT    ? base::ErrorCode::kNotFound
                : errno == ENOTDIR ? base::ErrorCode::kInvalidArgument
                                   : base::ErrorCode::kIo;
    return base::fail(code, fmt::format("cannot open the bucket directory {}: {}", path,
                                        std::generic_category().message(errno)));
  }
  auto place = Staging::open(staging);
  if (!place) return std::unexpected(place.error());
  return std::shared_ptr<BucketDirectory>(
      new BucketDirectory(path, std::move(root), std::move(*place)));
}

S3Result<ObjectInfo> BucketDirectory::head(std::string_view key) {
  auto opened = get(key);
  if (!opened) return std::unexpected(opened.error());
  return std::move(opened->info);
}

S3Result<OpenObject> BucketDirectory::get(std::string_view key) {
  if (auto checked = check_readable_key(key); !checked) return std::unexpected(checked.error());
  if (key.ends_with('/')) return get_folder(key);
  // O_NONBLOCK: a FIFO must not hold us up.
  net::FileDescriptor file = open_beneath(root(), key, O_RDONLY | O_NONBLOCK);
  if (!file.is_open()) {
    if (is_absent(errno)) return s3_fail(S3ErrorCode::kNoSuchKey);
    return s3_fail_errno("open", key, errno);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return s3_fail_errno("read the size of", key, errno);
  if (!S_ISREG(status.st_mode)) return s3_fail(S3ErrorCode::kNoSuchKey);
  FileStamp stamp = FileStamp::of(status);
  OpenObject out;
  out.info.key = key;
  out.info.size = stamp.size;
  out.info.last_modified_ms = modified_ms(status);
  out.info.attributes = read_attributes(file.get(), stamp).value_or(ObjectAttributes());
  if (out.info.attributes.etag.empty())
    out.info.attributes.etag = etags_.etag_of(file.get(), status);
  out.file = std::make_shared<const net::FileDescriptor>(std::move(file));
  return out;
}

S3Result<OpenObject> BucketDirectory::get_folder(std::string_view key) {
  net::FileDescriptor folder =
      open_beneath(root(), key.substr(0, key.size() - 1), O_RDONLY | O_DIRECTORY);
  struct stat status{};
  if (!folder.is_open() || !is_marked_folder(folder.get()) || ::fstat(folder.get(), &status) != 0) {
    return s3_fail(S3ErrorCode::kNoSuchKey);
  }
  OpenObject out;
  out.info.key = key;
  out.info.attributes.etag = kEmptyEtag;
  out.info.last_modified_ms = modified_ms(status);
  return out;
}

S3Result<ObjectWriter> BucketDirectory::create_writer() {
  return staged_ ? staging_.create_writer() : create_unnamed_writer();
}

// Where the staging directory is on another mount, from which nothing can be renamed into the
// bucket: a file of the bucket's own file system that has no name until it is complete.
S3Result<ObjectWriter> BucketDirectory::create_unnamed_writer() {
  net::FileDescriptor file(::openat(root(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kBucketFileMode));
  if (file.is_open()) return ObjectWriter(std::move(file));
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return s3_fail_errno("make", "a temporary file", errno);
  }
  // Some file systems know no unnamed files: one with a hidden name, gone when it is not used.
  std::string name = std::string(kHiddenPrefix) + random_name();
  net::FileDescriptor named(::openat(
      root(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kBucketFileMode));
  net::FileDescriptor folder = open_beneath(root(), "", O_RDONLY | O_DIRECTORY);
  if (!named.is_open() || !folder.is_open()) {
    return s3_fail_errno("make", "a temporary file", errno);
  }
  return ObjectWriter(std::move(folder), std::move(name), std::move(named));
}

S3Result<ObjectInfo> BucketDirectory::put(std::string_view key, std::string_view bytes,
                                          const PutOptions& options) {
  auto writer = create_writer();
  if (!writer) return std::unexpected(writer.error());
  if (auto appended = writer->append(bytes); !appended) return std::unexpected(appended.error());
  return put(key, std::move(*writer), options);
}

S3Result<ObjectInfo> BucketDirectory::put(std::string_view key, ObjectWriter writer,
                                          const PutOptions& options) {
  if (auto checked = check_key(key); !checked) return std::unexpected(checked.error());
  if (key.ends_with('/')) {
    if (!tags_of({.etag = "", .headers = options.headers}).empty()) return tags_not_kept();
    return put_folder(key, writer.size());
  }

  ObjectInfo info;
  info.key = key;
  info.size = writer.size();
  info.attributes.headers = options.headers;
  info.attributes.etag = options.etag.empty() ? to_hex(writer.md5()) : options.etag;
  struct stat status{};
  if (staged_ && ::fchmod(writer.fd(), kBucketFileMode & ~file_mask()) != 0)
    return s3_fail_errno("write", key, errno);
  if (::fstat(writer.fd(), &status) != 0) return s3_fail_errno("write", key, errno);
  info.last_modified_ms = modified_ms(status);
  const bool kept = write_attributes(writer.fd(), FileStamp::of(status), info.attributes);
  // Metadata is lost where a file system keeps none, as it is with every other tool; tags decide
  // what becomes of objects elsewhere, so they are kept or refused.
  if (!kept && !tags_of(info.attributes).empty()) return tags_not_kept();

  std::string name = name_of(key);
  for (int attempt = 0; attempt < kRetriesMax; ++attempt) {
    net::FileDescriptor folder = make_folder_beneath(root(), parent_of(key), kBucketFolderMode);
    int failed =
        folder.is_open() ? writer.move_to(folder.get(), name, !options.only_if_absent) : errno;
    if (failed == 0) return info;
    if (failed == EEXIST && options.only_if_absent)
      return s3_fail(S3ErrorCode::kPreconditionFailed);
    if (failed == ENOTDIR || failed == ELOOP || failed == EXDEV) return conflict(key);
    if (failed == EISDIR || failed == EEXIST) {
      // A folder without objects does not exist for S3, so it may give way. (Fails when it holds
      // something.)
      if (!remove_unmarked_folder(folder.get(), name)) return conflict(key);
      continue;
    }
    // ENOENT: a removal took the new folder away in between, or the bucket's own.
    if (failed != ENOENT) return s3_fail_errno("write", key, failed);
    if (is_removed(root())) return s3_fail(S3ErrorCode::kNoSuchBucket);
  }
  return conflict(key);
}

S3Result<ObjectInfo> BucketDirectory::put_folder(std::string_view key, uint64_t size) {
  if (size > 0) {
    return s3_fail(S3ErrorCode::kInvalidArgument,
                   "The bucket is a directory: an object whose key ends with \"/\" must be empty");
  }
  net::FileDescriptor folder =
      make_folder_beneath(root(), key.substr(0, key.size() - 1), kBucketFolderMode);
  if (!folder.is_open())
    return errno == ENOTDIR ? conflict(key) : s3_fail_errno("make", key, errno);
  if (!mark_folder(folder.get())) return s3_fail_errno("mark the folder", key, errno);
  auto opened = get_folder(key);
  if (!opened) return std::unexpected(opened.error());
  return std::move(opened->info);
}

S3Result<void> BucketDirectory::set_tags(std::string_view key, std::string_view tags) {
  auto opened = get(key);
  if (!opened) return std::unexpected(opened.error());
  if (opened->file == nullptr) return tags_not_kept();
  struct stat status{};
  if (::fstat(opened->file->get(), &status) != 0) return s3_fail_errno("read", key, errno);
  set_tags_of(opened->info.attributes, tags);
  // A descriptor for reading is enough: attributes belong to the file, not to how it was opened.
  if (!write_attributes(opened->file->get(), FileStamp::of(status), opened->info.attributes)) {
    return tags_not_kept();
  }
  if (::fsync(opened->file->get()) != 0) return s3_fail_errno("write the tags of", key, errno);
  return {};
}

int64_t BucketDirectory::created_ms() const {
  struct statx status{};
  if (::statx(root(), "", AT_EMPTY_PATH, STATX_BTIME | STATX_CTIME, &status) != 0) return 0;
  const statx_timestamp& time =
      (status.stx_mask & STATX_BTIME) != 0 ? status.stx_btime : status.stx_ctime;
  return time.tv_sec * 1'000 + time.tv_nsec / 1'000'000;
}

std::pair<uint64_t, uint64_t> BucketDirectory::identity() const {
  struct stat status{};
  if (::fstat(root(), &status) != 0) return {0, 0};
  return {status.st_dev, status.st_ino};
}

S3Result<void> BucketDirectory::remove(std::string_view key) {
  auto checked = check_readable_key(key);
  if (!checked) {
    if (checked.error().code == S3ErrorCode::kNoSuchKey) return {};
    return checked;
  }
  if (key.ends_with('/')) {
    std::string_view path = key.substr(0, key.size() - 1);
    net::FileDescriptor folder = open_beneath(root(), path, O_RDONLY | O_DIRECTORY);
    if (!folder.is_open() || !is_marked_folder(folder.get())) return {};
    unmark_folder(folder.get());
    remove_empty_folders(path);
    return {};
  }
  std::string_view parent = parent_of(key);
  net::FileDescriptor folder = open_beneath(root(), parent, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return {};
  std::string name = name_of(key);
  struct stat status{};
  // A link or a device is no object, so there is nothing to remove.
  if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(status.st_mode))
    return {};
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT)
    return s3_fail_errno("remove", key, errno);
  if (::fsync(folder.get()) != 0) return s3_fail_errno("remove", key, errno);
  remove_empty_folders(parent);
  return {};
}

void BucketDirectory::remove_empty_folders(std::string_view folder) {
  for (; !folder.empty(); folder = parent_of(folder)) {
    net::FileDescriptor parent = open_beneath(root(), parent_of(folder), O_RDONLY | O_DIRECTORY);
    if (!parent.is_open()) return;
    std::string name = name_of(folder);
    if (!remove_unmarked_folder(parent.get(), name)) return;
  }
}

}  // namespace weft::s3
