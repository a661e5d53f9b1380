#include "maprun/items/json_document.h"

#include <charconv>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/items/json_text.h"
#include "maprun/json_array.h"

namespace weft::maprun::items {
namespace {

constexpr char kInArray = 'a';
constexpr char kInObject = 'o';
constexpr char kBehind = 'r';  // followed by how many containers are open, and where in a string

void pass_blanks(std::string_view text, size_t& at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
    ++at;
}

std::unexpected<base::Error> bad_json(const Piece& piece, size_t at, std::string_view expected) {
  return base::fail(base::ErrorCode::kInvalidJson,
                    fmt::format("no JSON at byte {}: expected {}", piece.offset + at, expected));
}

// The place behind the string that starts at text[from]; npos when the text ends inside.
size_t string_end(std::string_view text, size_t from) {
  for (size_t i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// A member's name at text[at] and the place behind its colon; `npos` when the text ends before.
struct MemberName {
  std::string_view text;  // with its quotes
  size_t value = std::string_view::npos;
};
base::Result<MemberName> read_name(const Piece& piece, size_t at) {
  if (piece.text[at] != '"') return bad_json(piece, at, "a member's name in quotes");
  const size_t end = string_end(piece.text, at);
  if (end == std::string_view::npos) return MemberName{};
  size_t colon = end;
  pass_blanks(piece.text, colon);
  if (colon == piece.text.size()) return MemberName{};
  if (piece.text[colon] != ':') return bad_json(piece, colon, "':' after a member's name");
  return MemberName{piece.text.substr(at, end - at), colon + 1};
}

std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> parts;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    std::string part;
    for (size_t i = 0; i < end; ++i) {
      if (pointer[i] != '~' || i + 1 == end) {
        part += pointer[i];
      } else {
        part += pointer[++i] == '1' ? '/' : '~';
      }
    }
    parts.push_back(std::move(part));
    pointer.remove_prefix(end);
  }
  return parts;
}

}  // namespace

JsonDocument::JsonDocument(std::string_view pointer, std::string_view state)
    : pointer_(pointer), parts_(parts_of(pointer)) {
  if (state.empty()) return;
  at_ = state[0] == kInObject ? At::kMembers : state[0] == kInArray ? At::kElements : At::kRest;
  keyed_ = at_ == At::kMembers;
  if (at_ == At::kRest) {
    std::from_chars(state.data() + 1, state.data() + state.size(), depth_);
    keyed_ = state.contains('k');
    in_string_ = state.contains('s') || state.contains('\\');
    escaped_ = state.contains('\\');
  }
  first_ = false;
  began_ = true;
}

std::string JsonDocument::state() const {
  if (at_ == At::kElements) return std::string(1, kInArray);
  if (at_ == At::kRest) {
    return fmt::format("{}{}{}{}", kBehind, depth_, keyed_ ? "k" : "",
                       escaped_     ? "\\"
                       : in_string_ ? "s"
                                    : "");
  }
  return at_ == At::kMembers ? std::string(1, kInObject) : "";
}

base::Result<Decoded> JsonDocument::decode(const Piece& piece, size_t max_items,
                                           std::vector<base::Text>& items) {
  const auto mark = byte_order_mark(piece);
  if (!mark) return std::unexpected(mark.error());
  if (!*mark) return Decoded{};
  size_t at = **mark;
  if (at_ == At::kRest) return rest(piece, at);
  while (at_ != At::kElements && at_ != At::kMembers) {
    auto more = seek(piece, at);
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    if (!piece.last) return Decoded{.consumed = at};
    return bad_json(piece, piece.text.size(), began_ ? "more: the text ends early" : "a value");
  }
  return at_ == At::kElements ? elements(piece, at, max_items, items)
                              : members(piece, at, max_items, items);
}

base::Result<bool> JsonDocument::seek(const Piece& piece, size_t& at) {
  if (at_ == At::kSkipped) return skip(piece, at);
  pass_blanks(piece.text, at);
  if (at == piece.text.size()) return false;
  if (at_ == At::kValue) return enter(piece, at);
  return at_ == At::kName ? name(piece, at) : element(piece, at);
}

base::Result<bool> JsonDocument::enter(const Piece& piece, size_t& at) {
  const char c = piece.text[at];
  const bool found = level_ == parts_.size();
  began_ = true;
  if (c != '[' && c != '{') {
    if (!found) return nothing_there();
    // Of a text that is one scalar all is looked at: what only begins like one is no JSON.
    if (parts_.empty() && !piece.last) return false;
    return not_iterable(piece, at);
  }
  ++at;
  first_ = true;
  index_ = 0;
  if (found) {
    keyed_ = c == '{';
    at_ = keyed_ ? At::kMembers : At::kElements;
  } else {
    at_ = c == '[' ? At::kElement : At::kName;
  }
  return true;
}

base::Result<bool> JsonDocument::name(const Piece& piece, size_t& at) {
  size_t from = at;
  if (piece.text[from] == '}') return nothing_there();
  if (!first_) {
    if (piece.text[from] != ',') return bad_json(piece, from, "',' or '}'");
    pass_blanks(piece.text, ++from);
    if (from == piece.text.size()) return false;
  }
  auto member = read_name(piece, from);
  if (!member) return std::unexpected(member.error());
  if (member->text.empty()) return false;
  json::Arena arena;
  const auto read = json::parse(member->text, arena);
  if (!read) return bad_json(piece, from, "a member's name");
  at = member->value;
  first_ = false;
  if (read->as_string() == parts_[level_]) {
    ++level_;
    at_ = At::kValue;
  } else {
    after_skip_ = At::kName;
    at_ = At::kSkipped;
  }
  return true;
}

base::Result<bool> JsonDocument::element(const Piece& piece, size_t& at) {
  if (piece.text[at] == ']') return nothing_there();
  if (!first_) {
    if (piece.text[at] != ',') return bad_json(piece, at, "',' or ']'");
    ++at;
    ++index_;
  }
  first_ = false;
  if (parts_[level_] == std::to_string(index_)) {
    ++level_;
    at_ = At::kValue;
  } else {
    after_skip_ = At::kElement;
    at_ = At::kSkipped;
  }
  return true;
}

void JsonDocument::pass(char c) {
  if (in_string_) {
    in_string_ = escaped_ || c != '"';
    escaped_ = !escaped_ && c == '\\';
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '[' || c == '{') {
    ++depth_;
  } else if (c == ']' || c == '}') {
    --depth_;
  }
}

bool JsonDocument::skip(const Piece& piece, size_t& at) {
  for (; at < piece.text.size(); ++at) {
    const char c = piece.text[at];
    const bool inside = in_string_ || depth_ > 0;
    if (!inside && (c == ',' || c == ']' || c == '}')) {
      at_ = after_skip_;
      return true;
    }
    pass(c);
  }
  return false;
}

base::Result<Decoded> JsonDocument::elements(const Piece& piece, size_t at, size_t max_items,
                                             std::vector<base::Text>& items) {
  if (first_) {
    pass_blanks(piece.text, at);
    if (at < piece.text.size() && piece.text[at] == ']') return rest_behind(piece, at + 1);
  }
  auto split = split_array(piece.text.substr(at), false, piece.last, max_items);
  if (!split) {
    return base::fail(
        base::ErrorCode::kInvalidJson,
        fmt::format("{} (in what starts at byte {})", split.error().message, piece.offset + at));
  }
  for (const std::string_view element : split->elements) {
    auto item = compact_json(
        element, piece.offset + static_cast<uint64_t>(element.data() - piece.text.data()));
    if (!item) return std::unexpected(item.error());
    items.emplace_back(std::move(*item));
    first_ = false;
  }
  if (split->end) return rest_behind(piece, at + split->consumed);
  return Decoded{at + split->consumed, false};
}

base::Result<Decoded> JsonDocument::members(const Piece& piece, size_t at, size_t max_items,
                                            std::vector<base::Text>& items) {
  Decoded decoded{.consumed = at};
  for (const size_t wanted = items.size() + max_items; items.size() < wanted;) {
    size_t from = decoded.consumed;
    pass_blanks(piece.text, from);
    if (first_ && from < piece.text.size() && piece.text[from] == '}')
      return rest_behind(piece, from + 1);
    MemberName member;
    if (from < piece.text.size()) {
      auto read = read_name(piece, from);
      if (!read) return std::unexpected(read.error());
      member = *read;
    }
    const size_t end =
        member.text.empty() ? std::string_view::npos : value_end(piece.text, member.value);
    if (end == std::string_view::npos) {
      if (piece.last) return bad_json(piece, piece.text.size(), "'}': the object is not closed");
      return decoded;
    }
    if (piece.text[end] == ']') return bad_json(piece, end, "',' or '}'");
    auto name = compact_json(member.text, piece.offset + from);
    if (!name) return std::unexpected(name.error());
    auto value = compact_json(piece.text.substr(member.value, end - member.value),
                              piece.offset + member.value);
    if (!value) return std::unexpected(value.error());
    items.emplace_back(fmt::format(R"({{"Key":{},"Value":{}}})", *name, *value));
    first_ = false;
    if (piece.text[end] == '}') return rest_behind(piece, end + 1);
    decoded.consumed = end + 1;
  }
  return decoded;
}

base::Result<Decoded> JsonDocument::rest_behind(const Piece& piece, size_t at) {
  at_ = At::kRest;
  depth_ = static_cast<int>(parts_.size());
  return rest(piece, at);
}

base::Result<Decoded> JsonDocument::rest(const Piece& piece, size_t at) {
  for (; depth_ > 0 && at < piece.text.size(); ++at) pass(piece.text[at]);
  if (depth_ == 0) pass_blanks(piece.text, at);
  if (at < piece.text.size()) {
    return bad_json(piece, at, "the end of the text behind its one value");
  }
  if (piece.last && depth_ > 0) return bad_json(piece, at, "more: the text ends early");
  return Decoded{at, piece.last};
}

std::unexpected<base::Error> JsonDocument::not_iterable(const Piece& piece, size_t at) const {
  json::Arena arena;
  const bool scalar = std::string_view("\"-0123456789tfn").contains(piece.text[at]);
  if (!scalar || (parts_.empty() && !json::parse(piece.text.substr(at), arena))) {
    return bad_json(piece, at, "an array or an object");
  }
  return base::fail(base::ErrorCode::kInvalidArgument, "Attempting to map over non-iterable node.");
}

std::unexpected<base::Error> JsonDocument::nothing_there() const {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("The ItemsPointer '{}' points at nothing in the file.", pointer_));
}

}  // namespace weft::maprun::items
