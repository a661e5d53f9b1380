#pragma once

#include <string>

#include "json/value.h"

namespace weft::jsonpath {

// Appends `value` as Java prints maps, lists and numbers: `{a=1, b=[x, null]}`, texts without
// quotes, 1.0 as 1.0. What States.Format inserts and error texts show. Nesting beyond
// kWalkDepthMax is cut to `...`.
void write_java_text(const json::Value& value, std::string& out);

}  // namespace weft::jsonpath
