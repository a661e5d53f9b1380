#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "columns/columns.h"

// A Map Run out of a seed, for tests and measurements: 1,000 lanes, a slow prefix, a burst of one
// error, cold starts at the beginning, retries.

namespace weft::columns {

inline Columns synthetic_columns(size_t children, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> durations(13, 0.5);  // median 442 ms
  Columns columns;
  columns.origin_us = 1'700'000'000'000'000;
  constexpr uint32_t kLanes = 1'000;
  std::vector<int64_t> free_at(std::min<size_t>(kLanes, std::max<size_t>(1, children)));
  for (size_t i = 0; i < children; ++i) {
    const auto lane = static_cast<uint32_t>(i % free_at.size());
    history::ChildRow row;
    row.index = i;
    row.lane = lane;
    row.start_ms = (columns.origin_us + free_at[lane]) / 1'000 + 1;
    row.cold_start_us =
        i < free_at.size() ? 200'000 + static_cast<uint32_t>(random() % 100'000) : 0;
    row.queue_us = static_cast<uint32_t>(random() % 30'000);
    row.run_us = static_cast<uint32_t>(durations(random));
    const uint64_t prefix = random() % 20;
    if (prefix == 7) row.run_us *= 8;
    row.input_bytes = static_cast<uint32_t>(100 + random() % 4'000);
    row.output_bytes = 40;
    row.items = static_cast<uint32_t>(1 + random() % 3);
    row.retries = random() % 50 == 0 ? 1 : 0;
    row.duration_us = int64_t{row.cold_start_us} + row.queue_us + row.run_us +
                      (row.retries > 0 ? 1'000'000 : 500);
    if (i * 10 > children * 4 && i * 10 < children * 5 && random() % 5 == 0) {
      row.status = history::ExecutionStatus::kFailed;
      row.error_group = 4'711;
    } else if (random() % 500 == 0) {
      row.status = random() % 4 == 0 ? history::ExecutionStatus::kTimedOut
                                     : history::ExecutionStatus::kFailed;
      row.error_group = static_cast<uint32_t>(1 + random() % 12);
    }
    free_at[lane] += row.duration_us + 1'000;
    columns.append(row);
    const std::string folder = "part-" + std::to_string(prefix) + "/";
    columns.folder.number.push_back(columns.folder.values.number(folder));
    columns.key_hash.push_back(hash_of_key(folder + std::to_string(i)));
  }
  return columns;
}

}  // namespace weft::columns
