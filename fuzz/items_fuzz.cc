// Whatever bytes claim to be a file of items: read as every format, at once and in pieces with a
// new decoder after each item, they give the same items or both fail.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "maprun/items/decoder.h"

namespace {

using namespace weft;
using namespace weft::maprun::items;

std::optional<std::vector<base::Text>> at_once(const Format& format, std::string_view text) {
  std::vector<base::Text> items;
  if (!make_decoder(format)->decode({.text = text, .last = true}, SIZE_MAX / 2, items)) return {};
  return items;
}

std::optional<std::vector<base::Text>> in_pieces(const Format& format, std::string_view text) {
  std::vector<base::Text> items;
  size_t offset = 0;
  size_t seen = 0;
  for (auto decoder = make_decoder(format);;) {
    const size_t before = items.size();
    auto decoded = decoder->decode(
        {.text = text.substr(offset, seen - offset), .offset = offset, .last = seen == text.size()},
        1, items);
    if (!decoded) return {};
    offset += decoded->consumed;
    if (decoded->end) return items;
    if (items.size() > before) {
      decoder = make_decoder(format, decoder->state());
    } else {
      WEFT_CHECK(seen++ < text.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4'096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Format> formats(4);
  formats[1].pointer = "/a/0";
  formats[2].type = Format::Type::kJsonLines;
  formats[3].type = Format::Type::kCsv;
  for (const Format& format : formats) WEFT_CHECK(at_once(format, text) == in_pieces(format, text));
  return 0;
}
