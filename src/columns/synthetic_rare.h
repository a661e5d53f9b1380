#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "history/rows.h"

// The children that sampling is measured by: 40 rare errors, the rarest once, and a slow path that
// 1 in 10,000 takes.

namespace weft::columns {

inline constexpr uint32_t kRareErrors = 40;
inline constexpr uint64_t kFastPath = 1;
inline constexpr uint64_t kSlowPath = 2;
inline constexpr uint64_t kFailedPath = 3;

// Rows with their paths, at least 2,000 of them. Error i occurs i times: 1 once, 40 forty times.
inline std::vector<std::pair<history::ChildRow, uint64_t>> rare_children(size_t count,
                                                                         uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> durations(13, 0.5);
  std::vector<std::pair<history::ChildRow, uint64_t>> children(count);
  for (size_t i = 0; i < count; ++i) {
    children[i].first.index = i;
    children[i].first.start_ms = 1'700'000'000'000 + static_cast<int64_t>(i);
    children[i].first.duration_us = static_cast<int64_t>(durations(random));
    children[i].second = kFastPath;
  }
  for (size_t i = 0; i < count / 10'000; ++i) {
    auto& [row, path] = children[random() % count];
    row.duration_us += 9'000'000;
    path = kSlowPath;
  }
  for (uint32_t error = 1; error <= kRareErrors; ++error) {
    for (uint32_t n = 0; n < error;) {
      auto& [row, path] = children[random() % count];
      if (path != kFastPath) continue;
      row.status = history::ExecutionStatus::kFailed;
      row.error_group = error;
      path = kFailedPath;
      ++n;
    }
  }
  return children;
}

}  // namespace weft::columns
