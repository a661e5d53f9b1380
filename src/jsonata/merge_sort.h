#pragma once

#include <cstdint>
#include <cstring>

#include "jsonata/context.h"

namespace weft::jsonata {

// A stable merge sort over the numbers 0..count-1: `after(a, b)` says that a must stand after b.
// Safe with any comparator, also one that contradicts itself; stops early when the context failed.
// The result lives in the context's arena.
template <typename After>
uint32_t* merge_sort(Context& context, uint32_t count, After after) {
  if (!context.may_allocate(count * 2 * sizeof(uint32_t))) return nullptr;
  auto* order = context.arena.allocate_array<uint32_t>(count);
  auto* room = context.arena.allocate_array<uint32_t>(count);
  for (uint32_t i = 0; i < count; ++i) order[i] = i;
  // Halves are split as floor(n / 2), so that results with contradicting comparators equal the
  // reference's.
  const auto sort = [&](auto& self, uint32_t from, uint32_t to) -> void {
    if (to - from < 2 || context.failed) return;
    const uint32_t middle = from + (to - from) / 2;
    self(self, from, middle);
    self(self, middle, to);
    if (context.failed || !context.spend((to - from + 3) / 4)) return;
    uint32_t left = from;
    uint32_t right = middle;
    uint32_t out = from;
    while (left < middle && right < to) {
      if (after(order[left], order[right])) {
        room[out++] = order[right++];
      } else {
        room[out++] = order[left++];
      }
      if (context.failed) return;
    }
    while (left < middle) room[out++] = order[left++];
    while (right < to) room[out++] = order[right++];
    std::memcpy(order + from, room + from, (to - from) * sizeof(uint32_t));
  };
  sort(sort, 0, count);
  return order;
}

}  // namespace weft::jsonata
