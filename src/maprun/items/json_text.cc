#include "maprun/items/json_text.h"

#include <fmt/format.h>

#include "json/exact.h"
#include "json/utf8.h"

namespace weft::maprun::items {

base::Result<std::string> compact_json(std::string_view text, uint64_t offset) {
  if (!json::is_utf8(text)) {
    return base::fail(base::ErrorCode::kInvalidJson,
                      fmt::format("the item at byte {} is not UTF-8", offset));
  }
  json::Arena arena;
  const auto value = json::parse_exact(text, arena);
  if (!value) {
    return base::fail(
        base::ErrorCode::kInvalidJson,
        fmt::format("the item at byte {} is no JSON: {}", offset, value.error().message));
  }
  return json::to_exact_text(*value);
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace weft::maprun::items
