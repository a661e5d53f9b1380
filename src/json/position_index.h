#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weft::json {

// Where things stand in a JSON text: RFC 6901 pointer ("" is the whole, "/States/A/Type") to
// offset, line and column. Built by a second pass over a text that parse() accepted; of equal names
// the last counts.
class PositionIndex {
 public:
  struct Position {
    size_t offset = 0;
    size_t line = 1;
    size_t column = 1;  // in bytes
  };
  struct Entry {
    Position key;  // of the member's name; of the value for items and the whole
    Position value;
  };

  // A member whose name its object has already.
  struct Duplicate {
    std::string pointer;  // of the object
    std::string name;
    Position first;  // of the name
    Position key;
  };

  explicit PositionIndex(std::string_view text);

  // nullptr when the text has nothing at `pointer`. Valid as long as the index.
  const Entry* find(std::string_view pointer) const;

  // In order of appearance; of what is inside one nothing.
  const std::vector<Duplicate>& duplicates() const { return duplicates_; }

 private:
  std::vector<Duplicate> duplicates_;
  std::unordered_map<std::string, Entry> entries_;
};

// `name` as one segment of a pointer: ~ becomes ~0, / becomes ~1.
std::string escape_pointer_segment(std::string_view name);

}  // namespace weft::json
