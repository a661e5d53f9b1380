#pragma once

#include <vector>

#include "history/event.h"

namespace weft::cloudwatch {

// Gives each event its scope (the execution itself, a Parallel branch, an inline Map iteration),
// which AWS does not write: found by following previousEventId and state names.
// Inserts what AWS leaves out and a trace shows: WeftRetryScheduled before each attempt
// that repeats a failed one. `events` are those of one execution by id, without internal ones; gaps
// are allowed, what hangs behind one is placed as well as can be.
void restore_scopes(std::vector<history::Event>& events);

}  // namespace weft::cloudwatch
