#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "asl/program.h"

// Whether and when a failed state is tried again (AWS page "Handling errors in Step Functions
// workflows"): the first retrier that handles the error decides, by a count of its own.

namespace weft::engine {

struct Failure;  // turn.h

// Whether no retrier and no catcher may take the failure, of its state or of one around it.
bool is_terminal(const Failure& failure);
// Whether an ErrorEquals list, of a retrier or a catcher, takes the failure, which is not terminal.
// The one place that decides it, whoever named the error: a state, a function, a token's holder, a
// Map Run, a mock.
bool handles(const std::vector<std::string>& error_equals, const Failure& failure);

// Delay before the n-th retry (n from 1) by this retrier, in milliseconds. `seed` draws the jitter.
int64_t retry_delay_ms(const asl::Retrier& retrier, uint32_t n, uint64_t seed);

}  // namespace weft::engine
