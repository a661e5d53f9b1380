#include "integrations/s3/multipart_uploads.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <tuple>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "integrations/s3/confined_path.h"
#include "integrations/s3/object_key.h"
#include "net/url.h"

namespace weft::s3 {
namespace {

// In the bucket's staging directory.
constexpr std::string_view kUploadsFolder = "uploads";
// Holds the key and the headers; the other files of the folder are `<number>.<md5>`.
constexpr const char* kDescriptionFile = "upload";
constexpr size_t kDescriptionBytesMax = 64 * 1024;
// Ends the description, and is followed by the MD5 of what stands before it.
constexpr std::string_view kDigestMark = "&md5=";
constexpr size_t kReadBytes = size_t{256} << 10;

std::string md5_of(std::string_view text) {
  Md5 md5;
  md5.append(text);
  return to_hex(md5.finish());
}

bool is_upload_id(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string folder_of(std::string_view id) { return fmt::format("{}/{}", kUploadsFolder, id); }

std::string file_of(const PartInfo& part) {
  return fmt::format("{:05}.{}", part.number, part.etag);
}

std::optional<PartInfo> part_of(int folder, const std::string& name) {
  PartInfo part;
  size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  auto [end, error] = std::from_chars(name.data(), name.data() + dot, part.number);
  struct stat status{};
  if (error != std::errc() || end != name.data() + dot) return std::nullopt;
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  part.etag = name.substr(dot + 1);
  part.size = static_cast<uint64_t>(status.st_size);
  part.last_modified_ms = FileStamp::of(status).mtime_ns / 1'000'000;
  return part;
}

std::vector<PartInfo> parts_in(int folder) {
  std::vector<PartInfo> out;
  for (const std::string& name : read_folder(folder, false)) {
    if (auto part = part_of(folder, name)) out.push_back(std::move(*part));
  }
  std::sort(out.begin(), out.end(),
            [](const PartInfo& a, const PartInfo& b) { return a.number < b.number; });
  return out;
}

// The parts named by `choice`, which must ascend and exist.
S3Result<std::vector<PartInfo>> choose_parts(const std::vector<PartInfo>& present,
                                             const std::vector<PartChoice>& choice) {
  if (choice.empty()) return s3_fail(S3ErrorCode::kMalformedXml);
  std::vector<PartInfo> out;
  for (const PartChoice& wanted : choice) {
    if (!out.empty() && wanted.number <= out.back().number)
      return s3_fail(S3ErrorCode::kInvalidPartOrder);
    auto it = std::find_if(present.begin(), present.end(),
                           [&](const PartInfo& part) { return part.number == wanted.number; });
    if (it == present.end() || (!wanted.etag.empty() && wanted.etag != it->etag))
      return s3_fail(S3ErrorCode::kInvalidPart);
    out.push_back(*it);
  }
  return out;
}

// Whether the part lies in `object`, which it was put into at `offset`, as it was sent: what
// happened to its file since then would be an object that nobody sent.
S3Result<void> check_part(const PartInfo& part, int object, uint64_t offset) {
  Md5 md5;
  std::vector<char> buffer(std::min<uint64_t>(part.size, kReadBytes));
  for (uint64_t left = part.size; left > 0;) {
    const ssize_t got = ::pread(object, buffer.data(), std::min<uint64_t>(left, buffer.size()),
                                static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return s3_fail_errno("read back", "the joined parts", errno);
    md5.append({buffer.data(), static_cast<size_t>(got)});
    offset += static_cast<uint64_t>(got);
    left -= static_cast<uint64_t>(got);
  }
  const std::string found = to_hex(md5.finish());
  if (found == part.etag) return {};
  return s3_fail(S3ErrorCode::kInternalError,
                 fmt::format("Part {} is damaged on this server's disk: its {} bytes have the MD5 "
                             "{}, what was sent had {}. Upload the part again",
                             part.number, part.size, found, part.etag));
}

std::string joined_etag(const std::vector<PartInfo>& parts) {
  Md5 md5;
  for (const PartInfo& part : parts) {
    md5.append(base::from_hex(part.etag).value_or(std::string(sizeof(Md5::Digest), '\0')));
  }
  return fmt::format("{}-{}", to_hex(md5.finish()), parts.size());
}

}  // namespace

S3Result<UploadInfo> MultipartUploads::create(
    std::string_view key, std::vector<std::pair<std::string, std::string>> headers) {
  if (auto checked = check_key(key); !checked) return std::unexpected(checked.error());
  if (key.ends_with('/')) {
    return s3_fail(S3ErrorCode::kInvalidArgument,
                   "The bucket is a directory: an object whose key ends with \"/\" must be empty");
  }
  UploadInfo info;
  info.id = random_name();
  if (info.id.empty()) return s3_fail_errno("name", "the upload", errno);
  info.key = key;
  info.headers = std::move(headers);
  std::string description = "key=" + net::percent_encode(key);
  for (const auto& [name, value] : info.headers) {
    description += "&" + net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  const std::string digest = md5_of(description);
  description.append(kDigestMark).append(digest);
  net::FileDescriptor folder =
      make_folder_beneath(bucket_.staging().root(), folder_of(info.id), kOwnFolderMode);
  if (!folder.is_open()) return s3_fail_errno("make", kUploadsFolder, errno);
  auto writer = create_part_writer();
  if (!writer) return std::unexpected(writer.error());
  if (auto written = writer->append(description); !written) return std::unexpected(written.error());
  if (int failed = writer->move_to(folder.get(), kDescriptionFile, true); failed != 0) {
    return s3_fail_errno("write", "the upload", failed);
  }
  return info;
}

S3Result<ObjectWriter> MultipartUploads::create_part_writer() {
  return bucket_.staging().create_writer();
}

S3Result<UploadInfo> MultipartUploads::read(std::string_view id) {
  if (!is_upload_id(id)) return s3_fail(S3ErrorCode::kNoSuchUpload);
  net::FileDescriptor file =
      open_beneath(bucket_.staging().root(), folder_of(id) + "/" + kDescriptionFile, O_RDONLY);
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0)
    return s3_fail(S3ErrorCode::kNoSuchUpload);
  std::string text(kDescriptionBytesMax, '\0');
  ssize_t length = ::pread(file.get(), text.data(), text.size(), 0);
  if (length <= 0) return s3_fail(S3ErrorCode::kNoSuchUpload);
  text.resize(static_cast<size_t>(length));
  const size_t mark = text.rfind(kDigestMark);
  if (mark == std::string::npos ||
      text.substr(mark + kDigestMark.size()) != md5_of(std::string_view(text).substr(0, mark))) {
    return s3_fail(S3ErrorCode::kInternalError,
                   fmt::format("The file \"{}\" of the upload {} is damaged on this server's disk: "
                               "its bytes are not those that were written. Begin another upload",
                               kDescriptionFile, id));
  }
  text.resize(mark);
  UploadInfo info;
  info.id = id;
  info.initiated_ms = FileStamp::of(status).mtime_ns / 1'000'000;
  for (auto& [name, value] : net::Query::parse(text).parameters) {
    if (name == "key") {
      info.key = value;
    } else {
      info.headers.emplace_back(name, value);
    }
  }
  return info;
}

S3Result<net::FileDescriptor> MultipartUploads::open_upload(std::string_view key,
                                                            std::string_view id, UploadInfo& info) {
  auto read_info = read(id);
  if (!read_info) return std::unexpected(read_info.error());
  if (read_info->key != key) return s3_fail(S3ErrorCode::kNoSuchUpload);
  info = std::move(*read_info);
  net::FileDescriptor folder =
      open_beneath(bucket_.staging().root(), folder_of(id), O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return s3_fail(S3ErrorCode::kNoSuchUpload);
  return folder;
}

S3Result<PartInfo> MultipartUploads::put_part(std::string_view key, std::string_view id, int number,
                                              ObjectWriter writer) {
  if (number < 1 || number > kPartNumberMax) {
    return s3_fail(S3ErrorCode::kInvalidArgument,
                   "Part number must be an integer between 1 and 10000, inclusive");
  }
  UploadInfo info;
  auto folder = open_upload(key, id, info);
  if (!folder) return std::unexpected(folder.error());
  PartInfo part;
  part.number = number;
  part.size = writer.size();
  part.etag = to_hex(writer.md5());
  if (int failed = writer.move_to(folder->get(), file_of(part), true); failed != 0) {
    return s3_fail_errno("write a part of", key, failed);
  }
  for (const PartInfo& other : parts_in(folder->get())) {
    if (other.number == number && other.etag != part.etag)
      ::unlinkat(folder->get(), file_of(other).c_str(), 0);
    if (other.number == number && other.etag == part.etag)
      part.last_modified_ms = other.last_modified_ms;
  }
  return part;
}

S3Result<ObjectInfo> MultipartUploads::complete(std::string_view key, std::string_view id,
                                                const std::vector<PartChoice>& choice,
                                                bool only_if_absent, const JoinedCheck& check) {
  UploadInfo info;
  auto folder = open_upload(key, id, info);
  if (!folder) return std::unexpected(folder.error());
  auto chosen = choose_parts(parts_in(folder->get()), choice);
  if (!chosen) return std::unexpected(chosen.error());
  auto writer = bucket_.create_writer();
  if (!writer) return std::unexpected(writer.error());
  std::vector<uint64_t> part_bytes;
  for (const PartInfo& part : *chosen) {
    const uint64_t offset = writer->size();
    part_bytes.push_back(part.size);
    net::FileDescriptor file = open_beneath(folder->get(), file_of(part), O_RDONLY);
    if (!file.is_open()) return s3_fail(S3ErrorCode::kInvalidPart);
    if (auto joined = writer->append_unhashed(file.get(), part.size); !joined)
      return std::unexpected(joined.error());
    if (auto whole = check_part(part, writer->fd(), offset); !whole)
      return std::unexpected(whole.error());
  }
  if (check) {
    if (auto checked = check(writer->fd(), part_bytes); !checked)
      return std::unexpected(checked.error());
  }
  PutOptions options{
      .headers = info.headers, .etag = joined_etag(*chosen), .only_if_absent = only_if_absent};
  auto put = bucket_.put(key, std::move(*writer), options);
  if (put) remove_folder(id, folder->get());
  return put;
}

S3Result<void> MultipartUploads::abort(std::string_view key, std::string_view id) {
  UploadInfo info;
  auto folder = open_upload(key, id, info);
  if (!folder) return std::unexpected(folder.error());
  remove_folder(id, folder->get());
  return {};
}

S3Result<std::vector<PartInfo>> MultipartUploads::parts(std::string_view key, std::string_view id) {
  UploadInfo info;
  auto folder = open_upload(key, id, info);
  if (!folder) return std::unexpected(folder.error());
  return parts_in(folder->get());
}

std::vector<UploadInfo> MultipartUploads::uploads() {
  std::vector<UploadInfo> out;
  net::FileDescriptor folder =
      open_beneath(bucket_.staging().root(), kUploadsFolder, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return out;
  for (std::string name : read_folder(folder.get(), false)) {
    if (name.ends_with('/')) name.pop_back();
    if (auto info = read(name)) out.push_back(std::move(*info));
  }
  std::sort(out.begin(), out.end(), [](const UploadInfo& a, const UploadInfo& b) {
    return std::tie(a.key, a.id) < std::tie(b.key, b.id);
  });
  return out;
}

void MultipartUploads::remove_folder(std::string_view id, int folder) {
  // The description goes first: without it the upload is over, whatever else may remain.
  ::unlinkat(folder, kDescriptionFile, 0);
  for (const std::string& name : read_folder(folder, false)) ::unlinkat(folder, name.c_str(), 0);
  net::FileDescriptor parent =
      open_beneath(bucket_.staging().root(), kUploadsFolder, O_RDONLY | O_DIRECTORY);
  if (parent.is_open()) ::unlinkat(parent.get(), std::string(id).c_str(), AT_REMOVEDIR);
}

}  // namespace weft::s3
