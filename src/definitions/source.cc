#include "definitions/source.h"

#include <algorithm>
#include <charconv>

namespace weft::definitions {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Bytes of an escape at `text[at]` (a backslash), and of the character that it stands for.
struct Escape {
  size_t written = 2;
  size_t decoded = 1;
};

Escape escape_at(std::string_view text, size_t at) {
  const char kind = at + 1 < text.size() ? text[at + 1] : ' ';
  const size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits == 0) return {};
  unsigned code = 0;
  const std::string_view hex = text.substr(std::min(at + 2, text.size()), digits);
  (void)std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  if (code >= 0xD800 && code < 0xDC00 && text.substr(std::min(at + 6, text.size()), 2) == "\\u")
    return {12, 4};
  return {2 + digits, code < 0x80 ? 1U : code < 0x800 ? 2U : code < 0x10000 ? 3U : 4U};
}

// The byte of `text` that `decoded` bytes of a plain or quoted scalar lead to. Lines inside are
// folded: a line's end with the blanks around it is one space, an empty line a line's end.
size_t in_flow_scalar(std::string_view text, size_t at, char quote, size_t decoded) {
  if (quote != '\0') ++at;
  for (size_t done = 0; done < decoded && at < text.size();) {
    if (quote == '"' && text[at] == '\\') {
      const Escape escape = escape_at(text, at);
      at += escape.written;
      done += escape.decoded;
    } else if (quote == '\'' && text[at] == '\'') {
      at += 2;
      ++done;
    } else if (is_blank(text[at])) {
      size_t end = at;
      while (end < text.size() && is_blank(text[end])) ++end;
      const auto lines = static_cast<size_t>(std::ranges::count(text.substr(at, end - at), '\n'));
      const size_t step = lines == 0 ? 1 : end - at;
      at += step;
      done += lines <= 1 ? 1 : lines - 1;
    } else {
      ++at;
      ++done;
    }
  }
  return std::min(at, text.size());
}

// The same of a block after '|': its lines begin behind their indentation.
size_t in_literal(std::string_view text, size_t at, size_t decoded) {
  size_t line = text.find('\n', at);
  if (line == std::string_view::npos) return at;
  ++line;
  size_t indent = 0;
  for (size_t first = line; first < text.size();) {
    const size_t word = std::min(text.find_first_not_of(' ', first), text.size());
    if (word < text.size() && text[word] != '\n' && text[word] != '\r') {
      indent = word - first;
      break;
    }
    first = std::min(text.find('\n', word), text.size() - 1) + 1;
  }
  for (size_t left = decoded;; ++line) {
    size_t begin = line;
    while (begin < text.size() && begin - line < indent && text[begin] == ' ') ++begin;
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (left <= end - begin || end == text.size()) return std::min(begin + left, end);
    left -= end - begin + 1;
    line = end;
  }
}

size_t byte_of(const Origin& origin, size_t decoded) {
  const std::string_view text = origin.source->text;
  switch (origin.style) {
    case Style::kVerbatim:
      return std::min(origin.offset + decoded, text.size());
    case Style::kPlain:
      return in_flow_scalar(text, origin.offset, '\0', decoded);
    case Style::kSingleQuoted:
      return in_flow_scalar(text, origin.offset, '\'', decoded);
    case Style::kDoubleQuoted:
      return in_flow_scalar(text, origin.offset, '"', decoded);
    case Style::kLiteral:
      return in_literal(text, origin.offset, decoded);
    case Style::kPoint:
      break;
  }
  return origin.offset;
}

}  // namespace

Place place_at(const std::shared_ptr<const Source>& source, size_t offset) {
  if (!source) return {};
  if (!source->pieces.empty()) {
    const auto next = std::ranges::upper_bound(source->pieces, offset, std::less<>(), &Piece::at);
    if (next == source->pieces.begin()) return place_of(source->pieces.front().origin);
    const Piece& piece = *std::prev(next);
    return place_of(piece.origin, piece.skip + (piece.advances ? offset - piece.at : 0));
  }
  const std::string_view before = std::string_view(source->text).substr(0, offset);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto characters = static_cast<size_t>(
      std::ranges::count_if(before.substr(line_start), [](char c) { return !is_continuation(c); }));
  return {source, static_cast<size_t>(std::ranges::count(before, '\n')) + 1, characters + 1};
}

Place place_of(const Origin& origin, size_t decoded) {
  if (!origin.source) return {};
  return place_at(origin.source, decoded == 0 ? origin.offset : byte_of(origin, decoded));
}

size_t offset_of(std::string_view text, size_t line, size_t column) {
  size_t at = 0;
  for (size_t i = 1; i < line && at < text.size(); ++i)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (size_t i = 1; i < column && at < text.size(); ++i) {
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
  }
  return at;
}

Origin origin_of(const Origin& origin, size_t decoded) {
  const Place place = place_of(origin, decoded);
  if (!place.source) return origin;
  return {place.source, offset_of(place.source->text, place.line, place.column), Style::kPoint};
}

}  // namespace weft::definitions
