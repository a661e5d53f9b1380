#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::asl {

// Where a value stands in a definition, in the two spellings needed: `location` is how AWS prints
// it in findings
// ("/States/A/Choices[0]/Next"; "" for the root), `pointer` is the RFC 6901 form that
// json::PositionIndex understands.
struct Path {
  std::string location;
  std::string pointer;

  Path member(std::string_view name) const {
    Path path{location + "/" + std::string(name), pointer + "/"};
    for (char c : name) {
      if (c == '~') {
        path.pointer += "~0";
      } else if (c == '/') {
        path.pointer += "~1";
      } else {
        path.pointer += c;
      }
    }
    return path;
  }

  Path element(size_t index) const {
    return {location + "[" + std::to_string(index) + "]", pointer + "/" + std::to_string(index)};
  }
};

}  // namespace weft::asl
