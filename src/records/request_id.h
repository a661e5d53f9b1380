#pragma once

#include <cstdint>
#include <string>

#include "history/event.h"

namespace weft::records {

// The id of one attempt of one task, UUID-shaped: a function of execution and task ordinal, so that
// a delivery after a crash carries the id of the first.
std::string request_id(uint64_t key, history::ExecutionKey execution, uint32_t task);

}  // namespace weft::records
