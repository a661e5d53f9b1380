#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/differs.h"
#include "columns/summary.h"
#include "reading/error_kinds.h"
#include "reading/query.h"
#include "reading/run_columns.h"
#include "trace/redact.h"

// "Which items?": what the failed and the slow children of a Map Run share and the others do not,
// where the time went, and what to change. One answer for `weft explain` and
// `/_weft/v1/maprun/differs`.

namespace weft::reading {

// A name of the functions' own spans and how long they took together in one child, on average over
// the children of each side that kept their spans.
struct SpanShare {
  std::string name;
  int64_t selected_us = 0;
  int64_t others_us = 0;
};

// One side that is explained.
struct ExplainedGroup {
  std::string filter;  // the condition that chooses it; "" when a filter was given
  uint64_t count = 0;
  std::vector<columns::Difference> shares;  // best first
  std::vector<SpanShare> spans;             // that take longer here, the largest difference first
};

// The answer. Numbers and names only, but for `advice`: who shows it puts them into words (cli,
// page).
struct Explanation {
  records::MapRunRecord run;
  uint64_t children = 0;  // finished, of the selection's filter where one was given
  columns::Summary all;
  columns::TimeSplit time;       // of all
  columns::TimeSplit slow_time;  // of the slow
  std::string key_path;          // where in the input an item's key stands; "" when nowhere
  std::optional<ExplainedGroup> failed;
  ErrorKinds errors;
  std::optional<ExplainedGroup> slow;
  int64_t slow_from_us = 0;        // slower than this
  bool slow_in_functions = false;  // by their time in functions, as most of the time was queue
  std::optional<ExplainedGroup> selection;  // when a filter was given, in place of the two
  std::vector<std::string> nothing_chosen;  // why, when the filter chose nothing
  std::vector<std::string> advice;          // sentences
};

// Children of each side whose events and spans are read.
inline constexpr size_t kChildrenReadMax = 300;
// Lines of one side.
inline constexpr size_t kSharesMax = 8;

// `filter`: explain the children it chooses against all others; empty: the failed and the slow.
base::Result<Explanation> explain(const Query& query, RunColumns& reader,
                                  const records::MapRunRecord& run, columns::Filter filter,
                                  const trace::Redactor& payloads);

}  // namespace weft::reading
