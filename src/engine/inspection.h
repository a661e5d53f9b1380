#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "asl/evaluate.h"
#include "base/text.h"
#include "json/value.h"

namespace weft::engine {

// What a test of one state gives and sees beside the events (TestState's `context` and
// `inspectionData`). Filled by the turn as it goes; absent is what the state did not come to.
struct Inspection {
  json::Value context;  // the whole context object that the state sees; set by the test

  asl::Stages stages;
  std::optional<base::Text> result;  // of the state's work, before ResultSelector or Output
  // A Map state's limits.
  std::optional<int64_t> max_concurrency;
  std::optional<int64_t> tolerated_failure_count;
  std::optional<double> tolerated_failure_percentage;
  // What failed, and by index the retrier and the catcher that handle it. A retrier whose attempts
  // are used up handles nothing, and is told all the same.
  std::optional<std::string> error;
  std::optional<std::string> cause;
  std::optional<uint32_t> retrier;
  std::optional<uint32_t> catcher;
};

}  // namespace weft::engine
