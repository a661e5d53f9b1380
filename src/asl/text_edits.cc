#include "asl/text_edits.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "json/write.h"

namespace weft::asl {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

size_t TextEdits::start_of(const std::string& pointer) const {
  const json::PositionIndex::Entry* entry = index_.find(pointer);
  WEFT_CHECK(entry != nullptr);
  return entry->value.offset;
}

size_t TextEdits::line_of(const std::string& pointer) const {
  const json::PositionIndex::Entry* entry = index_.find(pointer);
  return entry == nullptr ? 1 : entry->key.line;
}

size_t TextEdits::end_of(size_t start) const {
  size_t depth = 0;
  for (size_t at = start; at < text_.size(); ++at) {
    const char c = text_[at];
    if (c == '"') {
      for (++at; at < text_.size() && text_[at] != '"'; ++at) at += text_[at] == '\\' ? 1 : 0;
      if (depth == 0) return at + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;  // ends a number or word
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && (c == ',' || kSpace.find(c) != std::string_view::npos)) {
      return at;
    }
  }
  return text_.size();
}

void TextEdits::replace(const std::string& pointer, std::string json) {
  const size_t start = start_of(pointer);
  edits_.push_back({start, end_of(start), std::move(json)});
}

void TextEdits::add_member(const std::string& pointer, std::string_view name,
                           std::string_view json) {
  const size_t open = start_of(pointer);
  const size_t close = end_of(open) - 1;
  const size_t first = text_.find_first_not_of(kSpace, open + 1);
  const std::string member = quoted(name) + ": " + std::string(json);
  if (first == close) {  // {}
    const bool more =
        std::ranges::any_of(edits_, [open](const Edit& edit) { return edit.from == open + 1; });
    edits_.push_back({open + 1, close, (more ? ", " : "") + member});
    return;
  }
  const size_t last = text_.find_last_not_of(kSpace, close - 1) + 1;
  const std::string_view lead = text_.substr(open + 1, first - open - 1);
  const bool lines = lead.find('\n') != std::string_view::npos;
  edits_.push_back({last, last, (lines ? "," + std::string(lead) : std::string(", ")) + member});
}

std::string TextEdits::apply() const {
  std::vector<const Edit*> order;
  for (const Edit& edit : edits_) order.push_back(&edit);
  std::ranges::sort(order, {}, [](const Edit* edit) { return std::pair(edit->from, edit); });
  std::string out;
  size_t at = 0;
  for (const Edit* edit : order) {
    out += text_.substr(at, edit->from - at);
    out += edit->text;
    at = edit->to;
  }
  out += text_.substr(at);
  return out;
}

}  // namespace weft::asl
