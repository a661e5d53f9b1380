#pragma once

#include <chrono>
#include <vector>

#include "telemetry/join.h"
#include "telemetry/log_join.h"

namespace weft::telemetry {

// Where the spans and log lines go of executions that run here. The host is one: what arrives goes
// from the intake straight to its committer. Thread-safe.
class Sink {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  virtual ~Sink() = default;
  // Takes blocks for storing; waits for room until `until` at most. False: there was none, and
  // nothing is stored.
  virtual bool store_spans(const std::vector<SpanBlock>& blocks, Moment until) = 0;
  virtual bool store_logs(const std::vector<LogBlock>& blocks, Moment until) = 0;
};

}  // namespace weft::telemetry
