#include "json/shape.h"

#include <cstring>

namespace weft::json {

namespace {
constexpr uint32_t kLinearMax = 8;
}  // namespace

bool is_array_index(std::string_view name) {
  if (name.empty() || name.size() > 10) return false;
  if (name[0] == '0') return name.size() == 1;
  uint64_t number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number < 4294967295U;
}

uint32_t Shape::find_indexed(std::string_view name, uint32_t hash) const {
  for (uint32_t at = table_hash(name, hash) & index_mask; index[at] != 0;
       at = (at + 1) & index_mask) {
    const uint32_t slot = index[at] - 1;
    if (keys[slot].equals(name, hash)) return slot;
  }
  return kNone;
}

const Shape* Shape::make(const Key* keys, uint32_t count, Arena& arena) {
  auto* shape = new (arena.allocate(sizeof(Shape))) Shape;
  shape->count = count;
  shape->keys = keys;
  for (uint32_t slot = 0; slot < count; ++slot) {
    if (keys[slot].size > 0 && keys[slot].data[0] <= '9' && is_array_index(keys[slot].view())) {
      shape->has_index_keys = true;
      break;
    }
  }
  if (count <= kLinearMax) return shape;
  uint32_t capacity = 32;
  while (capacity < count * 2) capacity *= 2;
  auto* index = arena.allocate_array<uint32_t>(capacity);
  std::memset(index, 0, capacity * sizeof(uint32_t));
  for (uint32_t slot = 0; slot < count; ++slot) {
    uint32_t at = table_hash(keys[slot].view(), keys[slot].hash) & (capacity - 1);
    while (index[at] != 0) at = (at + 1) & (capacity - 1);
    index[at] = slot + 1;
  }
  shape->index = index;
  shape->index_mask = capacity - 1;
  return shape;
}

const Shape* Shape::empty() {
  static constexpr Shape kEmpty;
  return &kEmpty;
}

}  // namespace weft::json
