#include "telemetry/gzip.h"

#include <algorithm>

#include <fmt/format.h>
#include <zlib.h>

namespace weft::telemetry {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kGzipOrZlib = 15 + 32;  // window bits, form found by itself
constexpr size_t kRatioFreeBytes = 1u << 20;

}  // namespace

base::Result<std::string> unpack(std::string_view packed) {
  const size_t limit =
      std::min(kUnpackedBytesMax, std::max(kRatioFreeBytes, packed.size() * kUnpackRatioMax));
  z_stream stream = {};
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK)
    return fail(ErrorCode::kInternal, "zlib cannot start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() < limit) {
    const size_t before = out.size();
    const size_t piece =
        std::min(std::max<size_t>(before, packed.size() * 4 + 1'024), limit - before);
    out.resize(before + piece);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(piece);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status == Z_STREAM_END) return out;
  if (status == Z_OK) {
    return fail(ErrorCode::kLimit,
                fmt::format("A body of {} bytes unpacks to more than {}", packed.size(), limit));
  }
  return fail(ErrorCode::kSerialization, "The body is no whole gzip text");
}

}  // namespace weft::telemetry
