#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weft::json {

// Where a member name stands in a table: its `hash` (shape.h), which tells names apart by their
// ends, with what is between these. Tables of names such as "order-00001-of-europe" would be lists
// else.
inline uint32_t table_hash(std::string_view name, uint32_t hash) {
  uint64_t mixed = hash;
  for (size_t at = 8; at + 8 < name.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, name.data() + at, 8);
    mixed = (mixed ^ (mixed >> 32) ^ word) * 0xD6E8FEB86659FD93U;
  }
  return name.size() > 16 ? static_cast<uint32_t>(mixed >> 32) : hash;
}

}  // namespace weft::json
