#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/s3/bucket_directory.h"

namespace weft::s3 {

struct PartInfo {
  int number = 0;
  std::string etag;  // without quotes
  uint64_t size = 0;
  int64_t last_modified_ms = 0;
};

struct UploadInfo {
  std::string id;
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  int64_t initiated_ms = 0;
};

// What CompleteMultipartUpload names of a part; the ETag may be empty.
struct PartChoice {
  int number = 0;
  std::string etag;
};

// The multipart uploads of one bucket, kept as files below uploads/<id>/ of its staging directory
// until they are completed or aborted, also over a restart. A value that refers to its bucket.
// Thread-safe as the bucket is.
class MultipartUploads {
 public:
  static constexpr int kPartNumberMax = 10'000;

  explicit MultipartUploads(BucketDirectory& bucket) : bucket_(bucket) {}

  // Begins an upload of `key`; `headers` go to the object (see ObjectAttributes). Errors:
  // check_key's.
  S3Result<UploadInfo> create(std::string_view key,
                              std::vector<std::pair<std::string, std::string>> headers);
  // A place to write the bytes of a part to.
  S3Result<ObjectWriter> create_part_writer();
  // Stores a part; an earlier one of that number goes away. Errors: kNoSuchUpload, kInvalidArgument
  // (number 1-10,000).
  S3Result<PartInfo> put_part(std::string_view key, std::string_view id, int number,
                              ObjectWriter writer);
  // Looks at the joined file, with the bytes of each part in order; its error keeps the object from
  // being put and the upload open.
  using JoinedCheck = std::function<S3Result<void>(int file, const std::vector<uint64_t>&)>;
  // Joins the parts to the object, whose ETag is `md5-of-the-parts'-md5s-N`, and ends the upload.
  // Errors: kNoSuchUpload, kInvalidPart, kInvalidPartOrder, put's.
  S3Result<ObjectInfo> complete(std::string_view key, std::string_view id,
                                const std::vector<PartChoice>& choice, bool only_if_absent,
                                const JoinedCheck& check = {});
  S3Result<void> abort(std::string_view key, std::string_view id);
  // In the order of their numbers.
  S3Result<std::vector<PartInfo>> parts(std::string_view key, std::string_view id);
  // All uploads in the order of key and id.
  std::vector<UploadInfo> uploads();

 private:
  S3Result<UploadInfo> read(std::string_view id);
  // The open folder of the upload, checked to be one of `key`.
  S3Result<net::FileDescriptor> open_upload(std::string_view key, std::string_view id,
                                            UploadInfo& info);
  void remove_folder(std::string_view id, int folder);

  BucketDirectory& bucket_;
};

}  // namespace weft::s3
