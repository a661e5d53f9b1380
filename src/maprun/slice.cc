#include "maprun/slice.h"

#include <zstd.h>

#include "base/check.h"

namespace weft::maprun {
namespace {

void put_number(std::string& out, uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

// Reads what put_* wrote; `failed` is sticky.
struct Reader {
  std::string_view rest;
  bool failed = false;

  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    failed = true;
    return 0;
  }
  std::string_view text() {
    const uint64_t size = number();
    if (failed || size > rest.size()) {
      failed = true;
      return {};
    }
    const std::string_view out = rest.substr(0, size);
    rest.remove_prefix(size);
    return out;
  }
};

constexpr size_t kSliceBytesMax = size_t{1} << 30;

base::Result<std::string> decompress(std::string_view bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kSliceBytesMax) {
    return base::fail(base::ErrorCode::kStorage,
                      "a stored Map Run slice is damaged: no zstd frame");
  }
  std::string plain(size, '\0');
  const size_t written = ZSTD_decompress(plain.data(), plain.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(written) != 0 || written != size) {
    return base::fail(base::ErrorCode::kStorage,
                      "a stored Map Run slice is damaged: it does not decompress");
  }
  return plain;
}

}  // namespace

std::string encode_slice(const Slice& slice) {
  std::string plain;
  put_number(plain, 1);  // version
  put_number(plain, slice.first_index);
  put_number(plain, slice.items_read);
  put_number(plain, slice.last ? 1 : 0);
  put_text(plain, slice.cursor);
  put_number(plain, slice.children.size());
  for (const ChildInput& child : slice.children) {
    put_number(plain, child.items);
    put_text(plain, child.input.view());
  }
  put_number(plain, slice.carry.size());
  for (const base::Text& item : slice.carry) put_text(plain, item.view());

  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 1);
  // M11: a slice that is stored can be read again.
  WEFT_CHECK(ZSTD_isError(size) == 0 && plain.size() <= kSliceBytesMax);
  out.resize(size);
  return out;
}

base::Result<Slice> decode_slice(std::string_view bytes) {
  auto plain = decompress(bytes);
  if (!plain) return std::unexpected(plain.error());
  Reader reader{*plain};
  Slice slice;
  if (reader.number() != 1) reader.failed = true;
  slice.first_index = reader.number();
  slice.items_read = reader.number();
  slice.last = reader.number() != 0;
  slice.cursor = reader.text();
  for (uint64_t left = reader.number(); left > 0 && !reader.failed; --left) {
    const auto items = static_cast<uint32_t>(reader.number());
    slice.children.push_back({base::Text(reader.text()), items});
  }
  for (uint64_t left = reader.number(); left > 0 && !reader.failed; --left)
    slice.carry.emplace_back(reader.text());
  if (reader.failed)
    return base::fail(base::ErrorCode::kStorage,
                      "a stored Map Run slice is damaged: it ends early");
  return slice;
}

}  // namespace weft::maprun
