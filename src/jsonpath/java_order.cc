#include "jsonpath/java_order.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "json/utf8.h"

namespace weft::jsonpath {

namespace {

// java.lang.String.hashCode: over UTF-16 units.
uint32_t java_hash(std::string_view text) {
  uint32_t hash = 0;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = json::decode_utf8(text, at);
    if (c >= 0x10000) {
      hash = hash * 31 + (0xD800 + ((static_cast<uint32_t>(c) - 0x10000) >> 10));
      hash = hash * 31 + (0xDC00 + (static_cast<uint32_t>(c) & 0x3FF));
    } else {
      hash = hash * 31 + static_cast<uint32_t>(c);
    }
  }
  return hash;
}

}  // namespace

std::vector<size_t> java_hash_order(const std::vector<std::string_view>& names) {
  size_t buckets = 16;
  while (names.size() * 4 > buckets * 3) buckets *= 2;
  std::vector<uint32_t> bucket;
  bucket.reserve(names.size());
  for (const std::string_view name : names) {
    const uint32_t hash = java_hash(name);
    bucket.push_back((hash ^ (hash >> 16)) & static_cast<uint32_t>(buckets - 1));
  }
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&bucket](size_t i) { return std::pair(bucket[i], i); });
  return order;
}

}  // namespace weft::jsonpath
