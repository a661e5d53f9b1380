#pragma once

#include "json/arena.h"
#include "json/value.h"
#include "reading/compare.h"
#include "trace/redact.h"

namespace weft::api {

// What differs, and both sides, as `weft replay --json` and `/_weft/v1/compare` give it; members
// are documented in docs/reference/cli.md. Times in milliseconds, payloads redacted.
json::Value comparison_value(const reading::Comparison& compared, const trace::Redactor& payloads,
                             json::Arena& arena);

}  // namespace weft::api
