#include "maprun/items/decoder.h"

#include "maprun/items/csv.h"
#include "maprun/items/json_document.h"
#include "maprun/items/json_lines.h"

namespace weft::maprun::items {

std::unique_ptr<Decoder> make_decoder(const Format& format, std::string_view state) {
  switch (format.type) {
    case Format::Type::kJsonLines:
      return std::make_unique<JsonLines>();
    case Format::Type::kCsv:
      return std::make_unique<Csv>(format, state);
    case Format::Type::kJson:
    case Format::Type::kParquet:
      break;
  }
  return std::make_unique<JsonDocument>(format.pointer, state);
}

std::optional<size_t> byte_order_mark(const Piece& piece) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (piece.offset != 0) return 0;
  if (piece.text.size() < kMark.size() && !piece.last) return std::nullopt;
  return piece.text.starts_with(kMark) ? kMark.size() : 0;
}

}  // namespace weft::maprun::items
