#pragma once

#include <optional>
#include <vector>

#include "cloudwatch/log_event.h"
#include "history/event.h"
#include "history/rows.h"

namespace weft::importing {

// Status, and when it began and ended (0: no end is known), as the events of an execution tell.
struct Outcome {
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
};
Outcome outcome_of(const std::vector<history::Event>& events);

// The row of a finished child, computed from its events; lane 0. A batch is known by its input, an
// object with the array `Items`.
history::ChildRow row_of_events(uint64_t index, const std::vector<history::Event>& events,
                                const std::optional<cloudwatch::ChildFacts>& facts);

// Gives each row the lowest lane that is free when it starts.
void give_lanes(std::vector<history::ChildRow>& rows);

// How many of them AWS shows too.
uint64_t external_events(const std::vector<history::Event>& events);

}  // namespace weft::importing
