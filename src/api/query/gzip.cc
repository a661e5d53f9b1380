#include "api/query/gzip.h"

#include <zlib.h>

#include "base/check.h"

namespace weft::api {

std::string gzip(std::string_view text, bool small) {
  constexpr int kGzip = 16;  // added to the window bits: a gzip header instead of zlib's
  z_stream stream{};
  WEFT_CHECK(deflateInit2(&stream, small ? Z_DEFAULT_COMPRESSION : Z_BEST_SPEED, Z_DEFLATED,
                          MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  WEFT_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace weft::api
