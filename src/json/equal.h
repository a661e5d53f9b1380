#pragma once

#include "json/value.h"

namespace weft::json {

// Deep equality: numbers by value whatever their form, arrays in order, objects whatever their
// order of members, functions by identity. undefined equals undefined.
bool equal(const Value& a, const Value& b);

}  // namespace weft::json
