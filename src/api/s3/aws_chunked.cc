#include "api/s3/aws_chunked.h"

#include <algorithm>
#include <charconv>

#include "net/http.h"

namespace weft::api {
namespace {

constexpr size_t kLineBytesMax = 1024;
constexpr size_t kTrailersMax = 16;

std::unexpected<s3::S3Error> malformed() {
  return s3::s3_fail(s3::S3ErrorCode::kInvalidRequest, "The body is not valid aws-chunked data");
}

}  // namespace

s3::S3Result<void> AwsChunkedDecoder::feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    if (state_ == State::kData) {
      std::string_view piece = bytes.substr(0, remaining_);
      if (auto taken = sink(piece); !taken) return taken;
      bytes.remove_prefix(piece.size());
      remaining_ -= piece.size();
      if (remaining_ == 0) state_ = State::kDataEnd;
      continue;
    }
    size_t end = bytes.find('\n');
    std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    line_ += piece;
    bytes.remove_prefix(piece.size());
    if (line_.size() > kLineBytesMax) return malformed();
    if (end == std::string_view::npos) return {};
    if (auto taken = take_line(); !taken) return taken;
    line_.clear();
  }
  return {};
}

s3::S3Result<void> AwsChunkedDecoder::take_line() {
  std::string_view line = line_;
  line.remove_suffix(1);
  const bool ended_well = line.ends_with('\r');
  if (ended_well) line.remove_suffix(1);
  // Some SDKs end a trailer with LF alone before the line's end.
  if (state_ == State::kTrailers) return take_trailer(line);
  return ended_well ? begin_chunk(line) : malformed();
}

s3::S3Result<void> AwsChunkedDecoder::take_trailer(std::string_view line) {
  if (line.empty()) return {};
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || trailers_.size() == kTrailersMax) {
    return s3::s3_fail(s3::S3ErrorCode::kMalformedTrailer);
  }
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  trailers_.emplace_back(net::lower_case(line.substr(0, colon)), value);
  return {};
}

s3::S3Result<void> AwsChunkedDecoder::begin_chunk(std::string_view line) {
  if (state_ == State::kDataEnd) {
    state_ = State::kSize;
    if (!line.empty()) return malformed();
    return {};
  }
  std::string_view size = line.substr(0, line.find(';'));
  auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), remaining_, 16);
  if (error != std::errc() || end != size.data() + size.size() || size.empty()) return malformed();
  state_ = remaining_ == 0 ? State::kTrailers : State::kData;
  return {};
}

}  // namespace weft::api
