#pragma once

#include <span>

#include "json/arena.h"
#include "json/value.h"
#include "runtime/function_logs.h"
#include "trace/redact.h"

namespace weft::api {

// Lines as the query API and `weft logs --json` show them: docs/reference/query-api.md. Attributes
// that `payloads` hides are hidden.
json::Value log_lines_value(std::span<const runtime::FunctionLogs::Line> lines,
                            const trace::Redactor& payloads, json::Arena& arena);

}  // namespace weft::api
