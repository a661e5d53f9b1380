#include "api/s3/aws_chunked.h"

#include <algorithm>
#include <charconv>

namespace weft::api {
namespace {

constexpr size_t kLineBytesMax = 1024;

std::unexpected<s3::S3Error> malformed() {
  return s3::s3_fail(s3::S3ErrorCode::kInvalidRequest, "The body is not valid aws-chunked data");
}

}  // namespace

s3::S3Result<void> AwsChunkedDecoder::feed(std::string_view bytes, const Sink& sink) {
  while (!bytes.empty()) {
    if (state_ == State::kTrailers) return {};
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
    if (!line_.ends_with("\r\n")) return malformed();
    if (auto begun = begin_chunk(); !begun) return begun;
    line_.clear();
  }
  return {};
}

s3::S3Result<void> AwsChunkedDecoder::begin_chunk() {
  std::string_view line = std::string_view(line_).substr(0, line_.size() - 2);
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
