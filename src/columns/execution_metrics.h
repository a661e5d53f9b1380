#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "history/event.h"
#include "history/rows.h"
#include "metrics/prometheus.h"
#include "metrics/registry.h"

// Metrics out of the events of executions: Datadog's aws.states.enhanced.* table
// (docs/internals/telemetry.md), all times as distributions, and Weft's own. Top-level executions
// and the children of Distributed Maps are never in one series: the label is_distributed_map_child
// tells them apart.

namespace weft::columns {

// Turns events into series. begin() opens one execution, record() takes its turns in order, and
// what follows an execution's last event is counted nowhere. A shard owns one and feeds it on its
// own thread; who reads several shards' merges their registries. `weft metrics` feeds one with
// events out of the store (reading/measured_history.h). Series are bounded by metrics::Registry.
class ExecutionMetrics {
 public:
  // What executions measured together have in common.
  struct Kind {
    std::string machine_name;  // without label
    std::string machine_arn;   // of the parent machine
    std::string map_label;     // children only
    bool child = false;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  struct Group;
  struct StateSeries;
  // What is kept of one open execution. Bound to the ExecutionMetrics that made it.
  struct Measured {
    struct Open {  // a state it is in
      history::ScopeId scope = 0;
      StateSeries* series = nullptr;
      base::UnixMs entered_ms = 0;
      base::UnixMs attempt_ms = 0;    // when the present attempt began
      base::UnixMs scheduled_ms = 0;  // of its task
      uint32_t retries = 0;
    };
    Group* group = nullptr;
    base::UnixMs start_ms = 0;
    std::vector<Open> open;
  };

  ExecutionMetrics();
  // Counts only what happens in [from_ms, to_ms).
  ExecutionMetrics(base::UnixMs from_ms, base::UnixMs to_ms);
  ~ExecutionMetrics();
  ExecutionMetrics(ExecutionMetrics&&) noexcept;

  // `start_ms`: of an execution whose first events are not recorded here.
  Measured begin(const Kind& kind, base::UnixMs start_ms = 0);
  // Takes in the events of a turn, in order. Some hundred nanoseconds.
  void record(Measured& execution, std::span<const history::Event> events);
  const metrics::Registry& registry() const { return registry_; }

 private:
  void record(Measured& execution, const history::Event& event);
  void record_end(Measured& execution, const history::Event& event);
  void record_outcome(Measured& execution, const history::Event& event);
  void enter(Measured& execution, const history::Event& event);
  void leave(Measured& execution, const history::Event& event, bool failed);
  bool counted(const history::Event& event) const {
    return event.time_ms >= from_ms_ && event.time_ms < to_ms_;
  }

  base::UnixMs from_ms_ = std::numeric_limits<base::UnixMs>::min();
  base::UnixMs to_ms_ = std::numeric_limits<base::UnixMs>::max();
  metrics::Registry registry_;
  std::map<Kind, std::unique_ptr<Group>> groups_;  // stable: executions point at them
};

// The labels of a kind.
metrics::Labels labels_of(const ExecutionMetrics::Kind& kind);

// Name, help and unit of every metric.
const std::vector<metrics::Description>& metric_descriptions();

// One state of one machine as `weft metrics` lists it: its finished visits, retries included.
struct StateRow {
  std::string machine;
  std::string map_label;
  std::string state;
  bool child = false;
  uint64_t count = 0;
  uint64_t failed = 0;
  int64_t p50_us = 0;  // within 1 %
  int64_t p95_us = 0;
  int64_t p99_us = 0;
  int64_t max_us = 0;
};
std::vector<StateRow> state_rows(const metrics::Registry& registry);

}  // namespace weft::columns
