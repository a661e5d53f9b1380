#include "maprun/items/unpack.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

namespace weft::maprun::items {
namespace {

class Gunzip : public Unpacker {
 public:
  Gunzip() { started_ = inflateInit2(&stream_, kGzip) == Z_OK; }
  ~Gunzip() override {
    if (started_) inflateEnd(&stream_);
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  base::Result<void> take(std::string_view& packed, std::string& out, size_t max) override {
    if (!started_) return base::fail(base::ErrorCode::kInternal, "zlib cannot start");
    const size_t before = out.size();
    out.resize(before + max);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream_.avail_out = static_cast<uInt>(max);
    int status = Z_OK;
    while (status == Z_OK && stream_.avail_in > 0 && stream_.avail_out > 0) {
      whole_ = false;
      status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {  // another may follow
        whole_ = true;
        status = inflateReset(&stream_);
      }
    }
    // Output may wait although all input was taken.
    if (status == Z_OK && !whole_ && stream_.avail_out > 0 && packed.empty())
      status = inflate(&stream_, Z_NO_FLUSH);
    packed.remove_prefix(packed.size() - stream_.avail_in);
    out.resize(before + max - stream_.avail_out);
    if (status == Z_STREAM_END) {
      whole_ = true;
      status = inflateReset(&stream_);
    }
    if (status == Z_OK || status == Z_BUF_ERROR) return {};
    return base::fail(base::ErrorCode::kSerialization,
                      fmt::format("it is no whole gzip file: {}",
                                  stream_.msg != nullptr ? stream_.msg : "damaged"));
  }
  bool whole() const override { return whole_; }

 private:
  static constexpr int kGzip = 15 + 16;
  z_stream stream_ = {};
  bool started_ = false;
  bool whole_ = true;
};

class Unzstd : public Unpacker {
 public:
  Unzstd() : stream_(ZSTD_createDStream()) {}
  ~Unzstd() override { ZSTD_freeDStream(stream_); }
  Unzstd(const Unzstd&) = delete;
  Unzstd& operator=(const Unzstd&) = delete;

  base::Result<void> take(std::string_view& packed, std::string& out, size_t max) override {
    if (packed.empty() && whole_) return {};
    const size_t before = out.size();
    out.resize(before + max);
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer room{out.data() + before, max, 0};
    size_t status = 0;
    do {
      status = ZSTD_decompressStream(stream_, &room, &in);
      whole_ = status == 0;
    } while (ZSTD_isError(status) == 0 && in.pos < in.size && room.pos < room.size);
    packed.remove_prefix(in.pos);
    out.resize(before + room.pos);
    if (ZSTD_isError(status) == 0) return {};
    return base::fail(base::ErrorCode::kSerialization,
                      fmt::format("it is no whole zstd file: {}", ZSTD_getErrorName(status)));
  }
  bool whole() const override { return whole_; }

 private:
  ZSTD_DStream* stream_;
  bool whole_ = true;
};

}  // namespace

Packing packing_of(std::string_view key) {
  if (key.ends_with(".gz")) return Packing::kGzip;
  return key.ends_with(".zst") || key.ends_with(".zstd") ? Packing::kZstd : Packing::kNone;
}

std::unique_ptr<Unpacker> make_unpacker(Packing packing) {
  if (packing == Packing::kZstd) return std::make_unique<Unzstd>();
  return std::make_unique<Gunzip>();
}

}  // namespace weft::maprun::items
