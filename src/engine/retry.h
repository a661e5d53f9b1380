#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "asl/program.h"

// Whether and when a failed state is tried again (AWS page "Handling errors in Step Functions
// workflows"): the first retrier that handles the error decides, by a count of its own.

namespace weft::engine {

// Whether an ErrorEquals list, of a retrier or a catcher, takes the error.
// `heartbeat`: the error is a heartbeat that did not come, which has two names.
bool handles(const std::vector<std::string>& error_equals, std::string_view error, bool heartbeat);

// Delay before the n-th retry (n from 1) by this retrier, in milliseconds. `seed` draws the jitter.
int64_t retry_delay_ms(const asl::Retrier& retrier, uint32_t n, uint64_t seed);

}  // namespace weft::engine
