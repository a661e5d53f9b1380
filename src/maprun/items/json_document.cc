#include "maprun/items/json_document.h"

#include <algorithm>

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
constexpr char kBehind = 'R';

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
  // "a" or "o" and the open brackets; behind the items "R", whether there is a value to be passed
  // over, and whether they were members, the brackets, and then where in that value it stands.
  const char kind = state[0];
  const size_t head = kind == kBehind ? 3 : 1;
  const size_t brackets = std::min(state.find_first_not_of("[{", head), state.size());
  if (state.size() >= head) open_ = state.substr(head, brackets - head);
  level_ = open_.size();
  at_ = kind == kInObject  ? At::kMembers
        : kind == kInArray ? At::kElements
        : kind == kBehind  ? At::kRest
                           : At::kUnknown;
  skipping_ = at_ == At::kRest && state[1] == 's';
  keyed_ = at_ == At::kMembers || (at_ != At::kElements && state.contains('k'));
  if (skipping_) check_ = JsonCheck(state.substr(brackets));
  first_ = false;
  began_ = true;
}

std::string JsonDocument::state() const {
  switch (at_) {
    case At::kElements:
      return kInArray + open_;
    case At::kMembers:
      return kInObject + open_;
    case At::kRest:
      return fmt::format("{}{}{}{}{}", kBehind, skipping_ ? 's' : '-', keyed_ ? 'k' : '-', open_,
                         skipping_ ? check_.state() : "");
    case At::kUnknown:
      return keyed_ ? "rk" : "r";
    default:
      return "";
  }
}

base::Result<Decoded> JsonDocument::decode(const Piece& piece, size_t max_items,
                                           std::vector<base::Text>& items) {
  const auto mark = byte_order_mark(piece);
  if (!mark) return std::unexpected(mark.error());
  if (!*mark) return Decoded{};
  size_t at = **mark;
  if (at_ == At::kRest) return rest(piece, at);
  if (at_ == At::kUnknown) return Decoded{piece.text.size(), piece.last};
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
  if (at_ == At::kSkipped) {
    auto skipped = skip(piece, at);
    if (skipped && *skipped) at_ = after_skip_;
    return skipped;
  }
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
    open_ += c;
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

base::Result<bool> JsonDocument::skip(const Piece& piece, size_t& at) {
  at = check_.take(piece.text, at);
  if (check_.wrong()) return bad_json(piece, at, check_.expected());
  if (!check_.whole()) return false;
  check_ = {};
  return true;
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
  at_ = open_.size() == parts_.size() ? At::kRest : At::kUnknown;
  return at_ == At::kRest ? rest(piece, at) : Decoded{piece.text.size(), piece.last};
}

base::Result<Decoded> JsonDocument::rest(const Piece& piece, size_t at) {
  while (level_ > 0) {
    auto more = next_in_rest(piece, at);
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    if (piece.last) return bad_json(piece, piece.text.size(), "more: the text ends early");
    return Decoded{at, false};
  }
  pass_blanks(piece.text, at);
  if (at < piece.text.size()) {
    return bad_json(piece, at, "the end of the text behind its one value");
  }
  return Decoded{at, piece.last};
}

base::Result<bool> JsonDocument::next_in_rest(const Piece& piece, size_t& at) {
  if (skipping_) {
    auto skipped = skip(piece, at);
    if (skipped && *skipped) skipping_ = false;
    return skipped;
  }
  pass_blanks(piece.text, at);
  if (at == piece.text.size()) return false;
  const bool object = open_.back() == '{';
  if (piece.text[at] == (object ? '}' : ']')) {
    open_.pop_back();
    --level_;
    ++at;
    return true;
  }
  if (piece.text[at] != ',') return bad_json(piece, at, object ? "',' or '}'" : "',' or ']'");
  size_t from = at + 1;
  if (object) {
    pass_blanks(piece.text, from);
    if (from == piece.text.size()) return false;
    auto member = read_name(piece, from);
    if (!member) return std::unexpected(member.error());
    if (member->text.empty()) return false;
    json::Arena arena;
    const auto name = json::parse(member->text, arena);
    if (!name) return bad_json(piece, from, "a member's name");
    if (name->as_string() == parts_[level_ - 1]) {
      return base::fail(base::ErrorCode::kInvalidJson,
                        fmt::format("The member {} at byte {}, which the ItemsPointer '{}' leads "
                                    "through, was there before: expected it once",
                                    member->text, piece.offset + from, pointer_));
    }
    from = member->value;
  }
  at = from;
  skipping_ = true;
  return true;
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
