#pragma once

#include <cstdint>
#include <vector>

#include "api/query/question.h"
#include "columns/strip.h"

namespace weft::api {

// Since when a child is at work, in microseconds since the start of its Map Run: of one that was
// redriven since then, as in the row that it will have.
int64_t began_us(const reading::ExecutionItem& child, const records::MapRunRecord& run);

// A child that has no row yet.
struct StillRunning {
  uint64_t index = 0;
  int64_t start_us = 0;  // since the start of the run
  uint32_t lane = 0;     // one that no row has at that time or later, the lowest such
};

// The children at work now, by their starts. None with a filter: conditions are about rows.
std::vector<StillRunning> still_running(const Question& question, const RunView& view);

// Counts them into the buckets of `range`, from their starts to its end.
void add_running(const std::vector<StillRunning>& children, columns::Range range,
                 std::vector<columns::StripBucket>& buckets);

}  // namespace weft::api
