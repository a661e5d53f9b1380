#include "maprun/items/json_lines.h"

#include "maprun/items/json_text.h"

namespace weft::maprun::items {

base::Result<Decoded> JsonLines::decode(const Piece& piece, size_t max_items,
                                        std::vector<base::Text>& items) {
  const auto mark = byte_order_mark(piece);
  if (!mark) return std::unexpected(mark.error());
  if (!*mark) return Decoded{};
  Decoded decoded{.consumed = **mark};
  const size_t wanted = items.size() + max_items;
  while (items.size() < wanted) {
    const size_t end = piece.text.find('\n', decoded.consumed);
    const bool whole = end != std::string_view::npos;
    if (!whole && !piece.last) return decoded;
    const std::string_view line = without_blanks(piece.text.substr(
        decoded.consumed, whole ? end - decoded.consumed : std::string_view::npos));
    if (!line.empty()) {
      auto item =
          compact_json(line, piece.offset + static_cast<uint64_t>(line.data() - piece.text.data()));
      if (!item) return std::unexpected(item.error());
      items.emplace_back(std::move(*item));
    }
    decoded.consumed = whole ? end + 1 : piece.text.size();
    decoded.end = !whole;
    if (!whole) return decoded;
  }
  return decoded;
}

}  // namespace weft::maprun::items
