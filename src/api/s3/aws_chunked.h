#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/s3/s3_error.h"

namespace weft::api {

// Decodes `aws-chunked` bodies, which SDKs send for x-amz-content-sha256: STREAMING-... :
// `size;chunk-signature=...\r\n`, the bytes, `\r\n`, a chunk of size 0, trailers. Fed in pieces of
// any size. Chunk signatures are read over. Source: AWS page "Signature
// calculations for the Authorization header: transferring payload in multiple chunks".
class AwsChunkedDecoder {
 public:
  using Sink = std::function<s3::S3Result<void>(std::string_view)>;

  // Gives the decoded bytes to `sink`. Errors: kInvalidRequest (not this format), the sink's.
  s3::S3Result<void> feed(std::string_view bytes, const Sink& sink);
  // True after the last chunk.
  bool is_complete() const { return state_ == State::kTrailers; }
  // The fields behind the last chunk, names in lower case.
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailers };
  s3::S3Result<void> take_line();
  s3::S3Result<void> begin_chunk(std::string_view line);
  s3::S3Result<void> take_trailer(std::string_view line);

  State state_ = State::kSize;
  std::string line_;
  uint64_t remaining_ = 0;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

}  // namespace weft::api
