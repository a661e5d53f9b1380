#include "integrations/s3/object_writer.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include "integrations/s3/object_key.h"
#include "integrations/s3/staging.h"

namespace weft::s3 {
namespace {

// Copies a piece between file systems that cannot do so themselves: the bytes copied, or -1.
ssize_t copy_piece(int from, off_t offset, int to, uint64_t length) {
  std::vector<char> buffer(std::min<uint64_t>(length, 1024 * 1024));
  const ssize_t got = ::pread(from, buffer.data(), buffer.size(), offset);
  for (ssize_t done = 0; done < got;) {
    const ssize_t written = ::write(to, buffer.data() + done, static_cast<size_t>(got - done));
    if (written < 0 && errno != EINTR) return -1;
    done += std::max<ssize_t>(written, 0);
  }
  return got;
}

}  // namespace

ObjectWriter::ObjectWriter(net::FileDescriptor folder, std::string name, net::FileDescriptor file)
    : folder_(std::move(folder)), name_(std::move(name)), file_(std::move(file)) {}

ObjectWriter::ObjectWriter(net::FileDescriptor unnamed) : file_(std::move(unnamed)) {}

ObjectWriter::~ObjectWriter() {
  if (folder_.is_open() && !moved_) ::unlinkat(folder_.get(), name_.c_str(), 0);
}

S3Result<void> ObjectWriter::append(std::string_view bytes) {
  md5_.append(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return s3_fail_errno("write", "the object", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

S3Result<void> ObjectWriter::append_file(int fd, uint64_t offset, uint64_t length) {
  std::vector<char> buffer(std::min<uint64_t>(length, 1024 * 1024));
  while (length > 0) {
    ssize_t got = ::pread(fd, buffer.data(), std::min<uint64_t>(length, buffer.size()),
                          static_cast<off_t>(offset));
    if (got < 0) return s3_fail_errno("read", "the source", errno);
    if (got == 0) return s3_fail(S3ErrorCode::kIncompleteBody);
    if (auto appended = append({buffer.data(), static_cast<size_t>(got)}); !appended)
      return appended;
    offset += static_cast<uint64_t>(got);
    length -= static_cast<uint64_t>(got);
  }
  return {};
}

S3Result<void> ObjectWriter::append_unhashed(int fd, uint64_t length) {
  off_t offset = 0;
  size_ += length;
  while (length > 0) {
    ssize_t copied = ::copy_file_range(fd, &offset, file_.get(), nullptr, length, 0);
    if (copied < 0 && (errno == EXDEV || errno == EOPNOTSUPP || errno == ENOSYS)) {
      copied = copy_piece(fd, offset, file_.get(), length);
      offset += std::max<ssize_t>(copied, 0);
    }
    if (copied < 0) return s3_fail_errno("join", "the parts", errno);
    if (copied == 0) return s3_fail(S3ErrorCode::kInvalidPart);
    length -= static_cast<uint64_t>(copied);
  }
  return {};
}

const Md5::Digest& ObjectWriter::md5() {
  if (!digest_) digest_ = md5_.finish();
  return *digest_;
}

int ObjectWriter::move_to(int folder, const std::string& name, bool replace) {
  if (::fsync(file_.get()) != 0) return errno;
  if (!folder_.is_open()) return link_to(folder, name, replace);
  if (::renameat2(folder_.get(), name_.c_str(), folder, name.c_str(),
                  replace ? 0 : RENAME_NOREPLACE) != 0)
    return errno;
  moved_ = true;
  return ::fsync(folder) == 0 ? 0 : errno;
}

int ObjectWriter::link_to(int folder, const std::string& name, bool replace) {
  const std::string self = fmt::format("/proc/self/fd/{}", file_.get());
  const auto link_as = [&](const std::string& place) {
    return ::linkat(AT_FDCWD, self.c_str(), folder, place.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0
                                                                                           : errno;
  };
  int failed = link_as(name);
  if (failed == EEXIST && replace) {
    // A link cannot replace: the file gets a name of its own first, hidden from listings.
    const std::string own = std::string(kHiddenPrefix) + random_name();
    failed = link_as(own);
    if (failed == 0 && ::renameat(folder, own.c_str(), folder, name.c_str()) != 0) {
      failed = errno;
      ::unlinkat(folder, own.c_str(), 0);
    }
  }
  if (failed != 0) return failed;
  return ::fsync(folder) == 0 ? 0 : errno;
}

}  // namespace weft::s3
