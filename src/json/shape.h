#pragma once

#include <cstdint>
#include <string_view>

#include "json/arena.h"
#include "json/name_hash.h"

namespace weft::json {

// One member name of an object, with a cheap hash so that most unequal names differ in one
// comparison.
struct Key {
  const char* data;
  uint32_t size;
  uint32_t hash;

  std::string_view view() const { return {data, size}; }
  bool equals(std::string_view text, uint32_t text_hash) const {
    return hash == text_hash && view() == text;  // memcmp() refuses the null of an empty name
  }
};

// The member names of an object in insertion order. Objects with the same names in the same order
// may share one shape, so a shape is never changed once an object uses it. Lives in an arena.
struct Shape {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t count = 0;
  // Some name is a canonical array index ("0", "17"): JavaScript lists such members first.
  bool has_index_keys = false;
  const Key* keys = nullptr;
  // For larger shapes: open addressing over slot + 1, zero is free.
  const uint32_t* index = nullptr;
  uint32_t index_mask = 0;

  // The slot of `name`, or kNone.
  uint32_t find(std::string_view name, uint32_t hash) const {
    if (index != nullptr) return find_indexed(name, hash);
    for (uint32_t slot = 0; slot < count; ++slot) {
      if (keys[slot].equals(name, hash)) return slot;
    }
    return kNone;
  }
  uint32_t find(std::string_view name) const { return find(name, hash_key(name)); }

  uint32_t find_indexed(std::string_view name, uint32_t hash) const;

  // A shape over `keys`, which must be distinct and live in the same arena (or outlive it).
  static const Shape* make(const Key* keys, uint32_t count, Arena& arena);
  static const Shape* empty();
};

// True for "0".."4294967294" without leading zeros.
bool is_array_index(std::string_view name);

}  // namespace weft::json
