#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/position_index.h"
#include "json/value.h"

namespace weft::asl {

// A text as a JSON string, with its quotes.
std::string quoted(std::string_view text);

// Changes of a JSON text that keep all other bytes. Places are JSON pointers into the text, which
// must outlive this; places must not lie inside one another.
class TextEdits {
 public:
  explicit TextEdits(std::string_view text) : text_(text), index_(text) {}

  // Puts `json` in place of the value at `pointer`.
  void replace(const std::string& pointer, std::string json);
  // Adds a member behind the last one of the object at `pointer`, laid out as its others are.
  void add_member(const std::string& pointer, std::string_view name, std::string_view json);

  size_t count() const { return edits_.size(); }
  size_t line_of(const std::string& pointer) const;
  std::string apply() const;

 private:
  struct Edit {
    size_t from;
    size_t to;
    std::string text;
  };
  size_t start_of(const std::string& pointer) const;
  // The end of the value that begins at `start`.
  size_t end_of(size_t start) const;

  std::string_view text_;
  json::PositionIndex index_;
  std::vector<Edit> edits_;
};

}  // namespace weft::asl
