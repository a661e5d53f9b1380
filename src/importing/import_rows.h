#pragma once

#include <optional>
#include <vector>

#include "cloudwatch/log_event.h"
#include "history/event.h"
#include "history/rows.h"

namespace weft::importing {

// Status, when it began and ended (0: no end is known), and redrives, as the events of an execution
// tell.
struct Lifetime {
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  uint32_t redrives = 0;
  base::UnixMs redrive_ms = 0;  // of the last one
};
Lifetime lifetime_of(const std::vector<history::Event>& events);

// The row of a finished child by its events (history::RowOfEvents); lane 0, 1 turn. A batch is
// known by its input, an object with the array `Items`.
history::ChildRow row_of_events(uint64_t index, const std::vector<history::Event>& events,
                                const std::optional<cloudwatch::ChildFacts>& facts);

// Gives each row the lowest lane that is free when it starts.
void give_lanes(std::vector<history::ChildRow>& rows);

// How many of them AWS shows too.
uint64_t external_events(const std::vector<history::Event>& events);

}  // namespace weft::importing
