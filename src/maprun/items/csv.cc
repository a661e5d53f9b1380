#include "maprun/items/csv.h"

#include <set>

#include <fmt/format.h>

#include "json/utf8.h"
#include "json/write.h"
#include "jsonpath/java_order.h"

namespace weft::maprun::items {
namespace {

constexpr size_t kMore = std::string_view::npos;
constexpr size_t kStray = kMore - 1;

// What a byte means for a field: nothing, it ends it, its next byte counts, or JSON spells it
// otherwise.
enum Class : uint8_t { kPlain, kEnds, kBackslash, kQuote, kEscaped };

std::array<uint8_t, 256> classes(char delimiter) {
  std::array<uint8_t, 256> all{};
  for (size_t i = 0; i < all.size(); ++i) all[i] = i < 0x20 || i >= 0x7F ? kEscaped : kPlain;
  all['"'] = kQuote;
  all['\\'] = kBackslash;
  all['\n'] = all['\r'] = kEnds;
  all[static_cast<unsigned char>(delimiter)] = kEnds;
  return all;
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// A byte of a file in a message.
std::string shown(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7F ? fmt::format("'{}'", c)
                                    : fmt::format("the byte 0x{:02X}", byte);
}

// Bytes that are no UTF-8 as the character that stands for them.
std::string valid_utf8(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = json::valid_utf8_length(text, at);
    if (length == 0) {
      json::append_utf8(0xFFFD, out);
      ++at;
    } else {
      out += text.substr(at, length);
      at += length;
    }
  }
  return out;
}

}  // namespace

Csv::Csv(const Format& format, std::string_view state)
    : delimiter_(format.delimiter), class_(classes(format.delimiter)) {
  if (!format.header_in_first_row) {
    given_ = format.csv_header;
    return;
  }
  if (state.empty()) return;
  size_t at = 0;
  (void)take_header({.text = state, .last = true}, at);
}

base::Result<Decoded> Csv::decode(const Piece& piece, size_t max_items,
                                  std::vector<base::Text>& items) {
  const auto mark = byte_order_mark(piece);
  if (!mark) return std::unexpected(mark.error());
  if (!*mark) return Decoded{};
  Decoded decoded{.consumed = **mark};
  if (!ready_) {
    auto read = take_header(piece, decoded.consumed);
    if (!read) return std::unexpected(read.error());
    if (!*read) return decoded;
  }
  size_t filled = 0;  // up to here lines that are empty have something after them
  for (const size_t wanted = items.size() + max_items; items.size() < wanted;) {
    size_t at = decoded.consumed;
    if (at < piece.text.size() && is_line_end(piece.text[at]) && filled <= at) {
      filled = piece.text.find_first_not_of("\r\n", at);
      if (filled == std::string_view::npos) {
        if (!piece.last) return decoded;
        at = piece.text.size();
      }
    }
    if (at == piece.text.size()) {
      decoded.end = piece.last;
      if (piece.last) decoded.consumed = at;
      return decoded;
    }
    const auto found = read_record(piece, at, "CSV record");
    if (!found) return std::unexpected(found.error());
    if (*found == Found::kMore) return decoded;
    items.push_back(item(piece.text));
    decoded.consumed = at;
  }
  return decoded;
}

base::Result<Csv::Found> Csv::read_record(const Piece& piece, size_t& at, std::string_view where) {
  const auto wrong = [&, begin = piece.offset + at](std::string_view what) {
    return base::fail(base::ErrorCode::kInvalidJson,
                      fmt::format("in the {} at byte {} {}", where, begin, what));
  };
  fields_.clear();
  for (;;) {
    Field& field = fields_.emplace_back();
    const size_t end = read_field(piece, at, field);
    if (end == kMore && piece.last)
      return wrong("a quoted field is not closed: expected '\"' before the end of the file");
    if (end == kMore) return Found::kMore;
    if (end == kStray) {
      return wrong(
          fmt::format("the closing quote of a field is followed by {} at byte {}: expected the "
                      "delimiter or the "
                      "end of the line (a quote that is part of a quoted field is written twice)",
                      shown(piece.text[stray_]), piece.offset + stray_));
    }
    at = end;
    if (at == piece.text.size()) return Found::kRecord;
    if (piece.text[at] == delimiter_) {
      ++at;
      continue;
    }
    if (piece.text[at] == '\r') {
      if (at + 1 == piece.text.size() && !piece.last) return Found::kMore;
      if (at + 1 < piece.text.size() && piece.text[at + 1] == '\n') ++at;
    }
    ++at;
    return Found::kRecord;
  }
}

size_t Csv::read_field(const Piece& piece, size_t at, Field& field) {
  const std::string_view text = piece.text;
  field.begin = at;
  if (at < text.size() && text[at] == '"') {
    at = read_quoted(piece, at + 1, field);
    return at == kMore ? kMore : read_behind_quote(piece, at, field);
  }
  for (; at < text.size(); ++at) {
    const uint8_t kind = class_[static_cast<unsigned char>(text[at])];
    if (kind == kPlain) continue;
    if (kind == kEnds) {
      field.end = at;
      return at;
    }
    field.escaped = true;
    if (kind != kBackslash) continue;
    field.raw = true;
    if (at + 1 < text.size() && !is_line_end(text[at + 1])) ++at;
  }
  field.end = at;
  return piece.last ? at : kMore;
}

size_t Csv::read_behind_quote(const Piece& piece, size_t at, Field& field) {
  const std::string_view text = piece.text;
  if (at < text.size() && class_[static_cast<unsigned char>(text[at])] == kEnds && !field.raw) {
    ++field.begin;
    field.end = at - 1;
    return at;
  }
  field.raw = true;
  for (; at < text.size() && class_[static_cast<unsigned char>(text[at])] != kEnds; ++at) {
    if (text[at] == ' ' || text[at] == '\t') continue;
    stray_ = at;
    return kStray;
  }
  field.end = at;
  return at < text.size() || piece.last ? at : kMore;
}

size_t Csv::read_quoted(const Piece& piece, size_t at, Field& field) const {
  const std::string_view text = piece.text;
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const uint8_t kind = class_[byte];
    if (kind == kPlain) continue;
    if (kind == kQuote) {
      if (at + 1 == text.size() && !piece.last) return kMore;
      if (at + 1 == text.size() || text[at + 1] != '"') return at + 1;
      field.raw = field.escaped = true;
      ++at;
    } else if (kind == kBackslash) {
      field.raw = field.escaped = true;
      ++at;
    } else {
      field.escaped = field.escaped || kind == kEscaped || byte < 0x20;
    }
  }
  return kMore;
}

std::string_view Csv::value_of(std::string_view text, const Field& field,
                               std::string& scratch) const {
  if (!field.raw) return text.substr(field.begin, field.end - field.begin);
  scratch.clear();
  size_t at = field.begin;
  bool quoted = text[at] == '"';
  if (quoted) ++at;
  while (at < field.end) {
    const char c = text[at++];
    if (c == '\\') {
      if (at < field.end) scratch += text[at++];
    } else if (c == '"' && quoted) {
      quoted = at < field.end && text[at] == '"';
      if (quoted) scratch += text[at++];
    } else {
      scratch += c;
    }
  }
  return scratch;
}

base::Result<bool> Csv::take_header(const Piece& piece, size_t& at) {
  if (!given_.empty()) {
    if (auto set = set_header(given_); !set) return std::unexpected(set.error());
    return true;
  }
  size_t end = at;
  const auto found = read_record(piece, end, "CSV header");
  if (!found) return std::unexpected(found.error());
  const bool whole = *found == Found::kRecord;
  if ((whole ? end : piece.text.size()) - at > kCsvHeaderBytesMax) {
    return base::fail(base::ErrorCode::kLimit,
                      fmt::format("the CSV header has more than {} bytes", kCsvHeaderBytesMax));
  }
  if (!whole) return false;
  std::vector<std::string> names;
  for (const Field& field : fields_)
    names.push_back(valid_utf8(value_of(piece.text, field, scratch_)));
  if (auto set = set_header(std::move(names)); !set) return std::unexpected(set.error());
  header_text_ = piece.text.substr(at, end - at);
  at = end;
  return true;
}

base::Result<void> Csv::set_header(std::vector<std::string> names) {
  if (std::set<std::string_view>(names.begin(), names.end()).size() != names.size()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "CSV headers cannot contain duplicates.");
  }
  order_ = jsonpath::java_hash_order({names.begin(), names.end()});
  for (const size_t column : order_) {
    std::string& before = before_.emplace_back(before_.empty() ? "{" : "\",");
    json::write_string(names[column], before);
    before += ":\"";
  }
  ready_ = true;
  return {};
}

base::Text Csv::item(std::string_view text) {
  std::string out;
  out.reserve(item_bytes_ + item_bytes_ / 8 + 16);
  for (size_t i = 0; i < order_.size(); ++i) {
    out += before_[i];
    if (order_[i] >= fields_.size()) continue;
    const Field& field = fields_[order_[i]];
    if (!field.escaped && !field.raw) {
      out += text.substr(field.begin, field.end - field.begin);
      continue;
    }
    const std::string_view value = value_of(text, field, scratch_);
    quoted_.clear();
    json::write_string(json::is_utf8(value) ? value : valid_utf8(value), quoted_);
    out.append(quoted_, 1, quoted_.size() - 2);
  }
  out += "\"}";
  item_bytes_ = out.size();
  return base::Text(std::move(out));
}

}  // namespace weft::maprun::items
