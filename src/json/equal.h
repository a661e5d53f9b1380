#pragma once

#include "json/value.h"

namespace weft::json {

// Deep equality: numbers by value, members in any order. Beyond a nesting of 2000 values count as
// different.
bool equal(const Value& a, const Value& b);

// Asked for the right to compare one more pair of values; false ends the comparison.
struct EqualSteps {
  bool (*take)(void* owner);
  void* owner;
};
// The same, asking `steps` before every pair: values that share their parts can have more pairs
// than any machine can compare. False, too, when it was ended.
bool equal(const Value& a, const Value& b, const EqualSteps& steps);

}  // namespace weft::json
