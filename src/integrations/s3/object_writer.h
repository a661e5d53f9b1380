#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "integrations/s3/md5.h"
#include "integrations/s3/s3_error.h"
#include "net/file_descriptor.h"

namespace weft::s3 {

// A new file that becomes an object or a part when it is complete: `name` in the open folder, or a
// file without a name yet. One thread. Removes the file again unless it was moved to its place.
class ObjectWriter {
 public:
  ObjectWriter(net::FileDescriptor folder, std::string name, net::FileDescriptor file);
  // An unnamed file (O_TMPFILE), which can be moved into any folder of its file system.
  explicit ObjectWriter(net::FileDescriptor unnamed);
  ObjectWriter(ObjectWriter&&) = default;
  ObjectWriter& operator=(ObjectWriter&&) = delete;
  ~ObjectWriter();

  S3Result<void> append(std::string_view bytes);
  // Appends `length` bytes of `fd` from `offset`.
  S3Result<void> append_file(int fd, uint64_t offset, uint64_t length);
  // The same without the digest, for a file whose ETag is known otherwise.
  S3Result<void> append_unhashed(int fd, uint64_t length);
  // The digest of all that was appended. Nothing may be appended afterwards.
  const Md5::Digest& md5();

  uint64_t size() const { return size_; }
  int fd() const { return file_.get(); }
  // Syncs the file and gives it the place `name` in the open folder, which is synced too. With
  // `replace` false an existing file makes it fail with EEXIST. Returns an errno or 0.
  int move_to(int folder, const std::string& name, bool replace);

 private:
  int link_to(int folder, const std::string& name, bool replace);
  net::FileDescriptor folder_;
  std::string name_;
  net::FileDescriptor file_;
  Md5 md5_;
  std::optional<Md5::Digest> digest_;
  uint64_t size_ = 0;
  bool moved_ = false;
};

}  // namespace weft::s3
