#pragma once

#include "json/arena.h"
#include "json/value.h"
#include "reading/explain.h"

namespace weft::api {

// An explanation as `weft explain --json` and `/_weft/v1/maprun/differs` give it; members are
// documented in docs/reference/query-api.md. Times in microseconds.
json::Value explanation_value(const reading::Explanation& answer, json::Arena& arena);

// Where the time of some children went.
json::Value split_value(const columns::TimeSplit& split, json::Arena& arena);

// One property that children share.
json::Value difference_value(const columns::Difference& one, json::Arena& arena);

}  // namespace weft::api
