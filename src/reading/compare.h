#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "reading/query.h"

// Two executions side by side: what a change made of one.

namespace weft::reading {

// All visits of one state of an execution.
struct StateVisits {
  std::string name;
  uint64_t count = 0;
  uint64_t failed = 0;
  int64_t total_us = 0;
  friend bool operator==(const StateVisits&, const StateVisits&) = default;
};

// One side.
struct ComparedExecution {
  ExecutionView view;
  int64_t duration_us = 0;  // 0 while it runs
  // Its function calls together, attempts included.
  uint64_t calls = 0;
  uint64_t cold_starts = 0;
  int64_t queued_us = 0;
  int64_t init_us = 0;
  int64_t run_us = 0;
  std::vector<StateVisits> states;  // as first entered
  // Its events without times and payloads, `TaskStateEntered Resize`, `TaskFailed States.Timeout`:
  // branch by branch (history::ScopeId), because branches that run at once have no order between
  // them.
  std::vector<std::string> events;
};

struct Comparison {
  ComparedExecution before;
  ComparedExecution after;
  bool status_differs = false;
  bool output_differs = false;  // as JSON, of stable_text(): blanks do not count
  bool error_differs = false;   // name, or what the cause says but for its stack, the same way
  bool states_differ = false;   // which, how often, how many failed; not how long
  bool events_differ = false;

  bool differs() const {
    return status_differs || output_differs || error_differs || states_differ || events_differ;
  }
};

// Compares an execution (or child) of one store with one of another, which may be the same.
// Errors: those of Query.
base::Result<Comparison> compare(const Query& before, const std::string& before_arn,
                                 const Query& after, const std::string& after_arn);

// `text` with what every run makes anew in words: UUIDs, trace ids, moments (RFC 3339, HTTP, Unix
// milliseconds) as "<id>", "<trace id>" and "<time>".
std::string stable_text(std::string_view text);

// JSON text indented, for people and for comparing; what is no JSON comes back as it is.
std::string indented(std::string_view json);

}  // namespace weft::reading
