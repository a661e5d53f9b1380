#include "json/position_index.h"

#include "json/arena.h"
#include "json/parse.h"

namespace weft::json {

std::string escape_pointer_segment(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

namespace {

// Walks a valid text and reports every value with its pointer.
class Walker {
 public:
  Walker(std::string_view text, std::unordered_map<std::string, PositionIndex::Entry>& entries,
         std::vector<PositionIndex::Duplicate>& duplicates)
      : text_(text), entries_(entries), duplicates_(duplicates) {}

  void run() {
    skip_space();
    value({});
  }

 private:
  PositionIndex::Position position() {
    for (; counted_ < at_; ++counted_) {
      ++column_;
      if (text_[counted_] != '\n') continue;
      ++line_;
      column_ = 1;
    }
    return {at_, line_, column_};
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }
  std::string_view raw_string() {
    const size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
    return text_.substr(start, at_ - start);
  }
  static std::string decoded(std::string_view raw) {
    if (raw.find('\\') == std::string_view::npos) return std::string(raw.substr(1, raw.size() - 2));
    Arena arena;
    const auto parsed = parse(raw, arena);
    return parsed ? std::string(parsed->as_string()) : std::string();
  }

  void value(PositionIndex::Position key) {
    PositionIndex::Entry entry;
    entry.value = position();
    entry.key = key.offset == 0 ? entry.value : key;
    entries_[pointer_] = entry;
    if (peek() == '{') {
      members();
    } else if (peek() == '[') {
      items();
    } else if (peek() == '"') {
      raw_string();
    } else {
      while (at_ < text_.size() &&
             std::string_view(",]} \t\r\n").find(peek()) == std::string_view::npos)
        ++at_;
    }
  }

  void members() {
    ++at_;
    skip_space();
    while (peek() == '"') {
      const PositionIndex::Position key = position();
      const std::string name = decoded(raw_string());
      skip_space();
      ++at_;  // the colon
      skip_space();
      const std::string segment = escape_pointer_segment(name);
      const bool again = note_duplicate(segment, name, key);
      inside_duplicate_ += again ? 1 : 0;
      nested(segment, key);
      inside_duplicate_ -= again ? 1 : 0;
    }
    ++at_;
  }

  bool note_duplicate(const std::string& segment, const std::string& name,
                      PositionIndex::Position key) {
    if (inside_duplicate_ > 0) return false;
    const auto first = entries_.find(pointer_ + '/' + segment);
    if (first == entries_.end()) return false;
    duplicates_.push_back(
        {.pointer = pointer_, .name = name, .first = first->second.key, .key = key});
    return true;
  }

  void items() {
    ++at_;
    skip_space();
    for (size_t i = 0; peek() != ']' && at_ < text_.size(); ++i) nested(std::to_string(i), {});
    ++at_;
  }

  // The value at `at_` under one more pointer segment, with the comma after it.
  void nested(const std::string& segment, PositionIndex::Position key) {
    const size_t length = pointer_.size();
    pointer_ += '/';
    pointer_ += segment;
    value(key);
    pointer_.resize(length);
    skip_space();
    if (peek() == ',') ++at_;
    skip_space();
  }

  std::string_view text_;
  std::unordered_map<std::string, PositionIndex::Entry>& entries_;
  std::vector<PositionIndex::Duplicate>& duplicates_;
  int inside_duplicate_ = 0;  // levels
  std::string pointer_;
  size_t at_ = 0;
  size_t counted_ = 0;
  size_t line_ = 1;
  size_t column_ = 1;
};

}  // namespace

PositionIndex::PositionIndex(std::string_view text) { Walker(text, entries_, duplicates_).run(); }

const PositionIndex::Entry* PositionIndex::find(std::string_view pointer) const {
  const auto found = entries_.find(std::string(pointer));
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace weft::json
