#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace weft::maprun {

// One child to be: its input and how many items that holds.
struct ChildInput {
  base::Text input;
  uint32_t items = 1;
};

// What one page of items became. Stored in the commit that makes its children startable, so that a
// crash repeats a read but never a child.
struct Slice {
  uint64_t first_index = 0;  // ordinal of children[0]
  std::vector<ChildInput> children;
  std::vector<base::Text> carry;  // items read that do not fill a batch yet
  std::string cursor;             // where the reader goes on
  uint64_t items_read = 0;        // in total, this slice included
  bool last = false;              // the reader is exhausted
};

// Compressed bytes (zstd), independent of other slices; and back.
std::string encode_slice(const Slice& slice);
base::Result<Slice> decode_slice(std::string_view bytes);

}  // namespace weft::maprun
