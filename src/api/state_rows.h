#pragma once

#include <vector>

#include "columns/execution_metrics.h"
#include "json/arena.h"
#include "json/value.h"

namespace weft::api {

// The rows as a JSON array: machine, state, child, n, failed, p50, p95, p99 and max in
// microseconds.
json::Value state_rows_value(const std::vector<columns::StateRow>& rows, json::Arena& arena);

}  // namespace weft::api
