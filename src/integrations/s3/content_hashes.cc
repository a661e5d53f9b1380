#include "integrations/s3/content_hashes.h"

#include <cerrno>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace weft::s3 {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;

S3Result<Md5::Digest> digest_of(int file, const std::function<bool()>& go_on) {
  Md5 md5;
  std::vector<char> buffer(kPieceBytes);
  for (off_t offset = 0;;) {
    if (!go_on()) return s3_fail(S3ErrorCode::kInternalError, "nobody waits for it any more");
    const ssize_t length = ::pread(file, buffer.data(), buffer.size(), offset);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return s3_fail_errno("read", "the file", errno);
    if (length == 0) return md5.finish();
    md5.append({buffer.data(), static_cast<size_t>(length)});
    offset += length;
  }
}

}  // namespace

S3Result<std::string> ContentHashes::hash_of(int file, const std::function<bool()>& go_on) {
  struct stat before{};
  if (::fstat(file, &before) != 0) return s3_fail_errno("read the size of", "the file", errno);
  const FileState state = FileState::of(before);
  {
    const sync::MutexLock lock(mutex_);
    const auto known = entries_.find(before.st_ino);
    if (known != entries_.end() && known->second.state == state)
      return to_hex(known->second.digest);
  }
  auto digest = digest_of(file, go_on);
  if (!digest) return std::unexpected(digest.error());
  struct stat after{};
  if (::fstat(file, &after) != 0) return s3_fail_errno("read the size of", "the file", errno);
  if (FileState::of(after) != state) return s3_fail(S3ErrorCode::kPreconditionFailed);
  const sync::MutexLock lock(mutex_);
  if (entries_.size() >= kEntriesMax) entries_.clear();
  entries_[before.st_ino] = {state, *digest};
  return to_hex(*digest);
}

}  // namespace weft::s3
