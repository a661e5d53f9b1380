#pragma once

#include "integrations/lambda/function_pool.h"
#include "json/arena.h"
#include "json/value.h"
#include "json/write.h"

namespace weft::api {

// AWS's FunctionConfiguration of a function; texts are copied into the arena. Code size, hash and
// date are those of the file that is run. Reads that file and asks its interpreter for its version:
// blocks.
json::Value configuration_value(const lambda::FunctionDescription& function, json::Arena& arena);

}  // namespace weft::api
