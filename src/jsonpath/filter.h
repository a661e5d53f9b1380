#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jsonpath/decimal.h"
#include "jsonpath/pattern.h"
#include "jsonpath/steps.h"

// Internal to src/jsonpath: what stands in `[?(...)]`.

namespace weft::jsonpath {

// One side of a comparison.
struct Operand {
  enum class Kind : uint8_t { kElementPath, kRootPath, kText, kPattern };
  Kind kind = Kind::kText;
  Steps path;                              // kElementPath, kRootPath: definite
  std::string text;                        // kText
  std::string unescaped;                   // kText: with \' as '
  std::optional<Decimal> number;           // kText: what it is as a number
  std::shared_ptr<const Pattern> pattern;  // kPattern
};

// One piece of a filter.
struct Criterion {
  enum class Operator : uint8_t {
    kExists,
    kMissing,
    kEqual,
    kGreaterEqual,
    kLessEqual,
    kNotEqual,
    kLess,
    kGreater,
    kMatches
  };
  Operator op = Operator::kExists;
  Operand left;
  Operand right;  // unless kExists, kMissing
};

// Holds when all criteria of one of the alternatives hold.
struct Filter {
  std::vector<std::vector<Criterion>> alternatives;
};

}  // namespace weft::jsonpath
