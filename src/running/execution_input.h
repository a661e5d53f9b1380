#pragma once

#include <cstddef>

#include "base/error.h"
#include "base/text.h"
#include "json/arena.h"
#include "json/value.h"

namespace weft::running {

// The input of an execution to be started, whoever starts it: the one place where it is parsed and
// its size is checked. The value refers to `text` and `arena`. Error: kInvalidExecutionInput,
// worded as AWS words it.
base::Result<json::Value> parse_execution_input(const base::Text& text, size_t bytes_max,
                                                json::Arena& arena);

}  // namespace weft::running
