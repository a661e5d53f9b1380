#include "cloudwatch/packed.h"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

#include "base/encoding.h"

namespace weft::cloudwatch {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kGzipWindow = 15 + 16;

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1F\x8B"); }

base::Result<std::string> gunzip(std::string_view bytes, uint64_t bytes_max, uint64_t& unpacked) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) {
    return fail(ErrorCode::kInternal, "gzip: cannot start");
  }
  const std::unique_ptr<z_stream, EndInflate> owner(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 1 << 16> piece;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    const int status = inflate(&stream, Z_NO_FLUSH);
    unpacked += piece.size() - stream.avail_out;
    if (status != Z_OK && status != Z_STREAM_END) {
      return fail(ErrorCode::kInvalidArgument, "the gzip data is damaged or cut short");
    }
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() > bytes_max) {
      return fail(ErrorCode::kLimit,
                  fmt::format("the gzip data unpacks to more than {} bytes", bytes_max));
    }
    if (status != Z_STREAM_END) continue;
    const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
    if (!is_gzip(rest)) return out;  // padding after the last member is allowed
    inflateReset(&stream);
  }
}

base::Result<std::string> decode_base64(std::string_view text) {
  std::string packed;
  packed.reserve(text.size());
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') packed += c;
  }
  auto bytes = base::from_base64(packed);
  if (!bytes) return fail(ErrorCode::kInvalidArgument, "the text is not Base64");
  return std::move(*bytes);
}

}  // namespace weft::cloudwatch
