#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.h"

namespace weft::jsonpath {

// What the paths and functions of a state see beside their document. The caller implements it: the
// context object is asked for only where a path needs it, and random numbers come from the caller,
// so that an evaluation done again gives the same. Used by one thread at a time. Values must live
// as long as what is evaluated.
class Scope {
 public:
  virtual ~Scope() = default;
  // The context object, for `$$`.
  virtual json::Value context() = 0;
  // The variable `name` (without $); undefined when it was never assigned.
  virtual json::Value variable(std::string_view name) = 0;
  // 64 random bits, for States.UUID and States.MathRandom without a seed.
  virtual uint64_t random_bits() = 0;
};

}  // namespace weft::jsonpath
