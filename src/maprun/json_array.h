#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weft::maprun {

// The elements of a JSON array that stand whole in a piece of its text.
struct ArrayPiece {
  std::vector<std::string_view> elements;  // raw texts, blanks around them cut; not yet parsed
  size_t consumed = 0;  // bytes up to and including the comma after the last of them
  bool end = false;     // the array is closed
};

// Takes up to `max_elements` elements from `text`, a piece of an array's text that starts at its
// '[' (`at_start`) or right after the comma behind an element. `last` says that no text follows. An
// element cut off at the end of the piece is left for the next one. Error (kInvalidJson): `text` is
// no array, or it ends inside one.
base::Result<ArrayPiece> split_array(std::string_view text, bool at_start, bool last,
                                     size_t max_elements);

// The end of the element or member's value that starts at `from`: the place of the ',', ']' or '}'
// behind it, npos when the text ends before.
size_t value_end(std::string_view text, size_t from);

}  // namespace weft::maprun
