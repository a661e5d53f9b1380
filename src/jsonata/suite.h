#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "json/arena.h"
#include "json/value.h"
#include "jsonata/expression.h"

namespace weft::jsonata {

// What became of one case of the conformance suite.
struct CaseOutcome {
  bool passed = false;
  std::string detail;  // expected and got, when it failed
};

// Runs one case of the JSONata conformance suite (its members: expr, data or dataset, bindings,
// expect, depth and timelimit) in the reference dialect and compares what comes out with `expect`.
// `dataset` gives an input by name.
CaseOutcome run_case(const json::Value& test_case,
                     const std::function<json::Value(std::string_view)>& dataset,
                     const Environment& environment, json::Arena& arena);

}  // namespace weft::jsonata
