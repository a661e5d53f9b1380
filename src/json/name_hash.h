#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

// Where member names stand in tables. Which names meet there depends on a seed: nobody can send
// names that all meet and make a list of a table. What is answered and in which order does not.

namespace weft::json {

struct NameSeed {
  uint64_t first;
  uint64_t second;
};

// A program that reads what others send sets it to something random, once, before it makes the
// first value: shapes (shape.h) remember hashes. Any constants else, so that runs are alike.
inline constinit NameSeed name_seed{0x9E3779B97F4A7C15U, 0xD6E8FEB86659FD93U};

// Both halves of the product: every bit of `a` and `b` counts.
inline uint64_t folded_product(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Names that differ in little spread over all the bits.
inline uint32_t spread(uint64_t mixed) {
  return static_cast<uint32_t>((mixed * 0xD6E8FEB86659FD93U) >> 32);
}

// Hash of a member name: its length with its first and last eight bytes.
inline uint32_t hash_key(std::string_view text) {
  uint64_t head = 0;
  uint64_t tail = 0;
  const size_t size = text.size();
  if (size >= 8) {
    std::memcpy(&head, text.data(), 8);
    std::memcpy(&tail, text.data() + size - 8, 8);
  } else if (size > 0) {
    std::memcpy(&head, text.data(), size);
  }
  return spread(folded_product(head ^ name_seed.first, tail ^ name_seed.second ^ size));
}

// Where a name stands in a table: its `hash`, which tells names apart by their ends, with what is
// between these. Tables of names such as "order-00001-of-europe" would be lists else.
inline uint32_t table_hash(std::string_view name, uint32_t hash) {
  if (name.size() <= 16) return hash;
  uint64_t mixed = hash;
  for (size_t at = 8; at + 8 < name.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, name.data() + at, 8);
    mixed = folded_product(mixed ^ word ^ name_seed.first, name_seed.second);
  }
  return spread(mixed);
}

}  // namespace weft::json
