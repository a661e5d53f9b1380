#include "maprun/json_array.h"

#include <string>

namespace weft::maprun {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::unexpected<base::Error> bad(const char* message) {
  return base::fail(base::ErrorCode::kInvalidJson, message);
}

}  // namespace

size_t value_end(std::string_view text, size_t from) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) return i;
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

base::Result<ArrayPiece> split_array(std::string_view text, bool at_start, bool last,
                                     size_t max_elements) {
  ArrayPiece piece;
  size_t at = 0;
  if (at_start) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size() && !last) return piece;
    if (at == text.size() || text[at] != '[') return bad("the text is no JSON array");
    piece.consumed = ++at;
    size_t next = at;
    while (next < text.size() && is_blank(text[next])) ++next;
    if (next < text.size() && text[next] == ']') {
      piece.consumed = next + 1;
      piece.end = true;
      return piece;
    }
  }
  while (piece.elements.size() < max_elements) {
    const size_t end = value_end(text, at);
    if (end == std::string_view::npos) {
      if (last) return bad("the JSON array is not closed");
      return piece;
    }
    const std::string_view element = trimmed(text.substr(at, end - at));
    if (element.empty()) return bad("an element of the JSON array is empty");
    piece.elements.push_back(element);
    at = end + 1;
    piece.consumed = at;
    if (text[end] == ',') continue;
    if (text[end] == '}') return bad("the JSON array is closed by '}'");
    piece.end = true;
    return piece;
  }
  return piece;
}

}  // namespace weft::maprun
