#pragma once

#include "json/arena.h"
#include "json/value.h"
#include "reading/function_logs.h"

namespace weft::api {

// A line as the query API and `weft logs --json` show it: docs/reference/query-api.md.
json::Value log_line_value(const reading::FunctionLine& line, json::Arena& arena);

}  // namespace weft::api
