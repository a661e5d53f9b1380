#include <algorithm>
#include <cstdint>
#include <map>

#include "running/shard.h"
#include "running/shard_state.h"

namespace weft::running {

columns::ExecutionMetrics::Kind Shard::kind_of(const RunInfo& run) const {
  return {.machine_name = run.record.machine_name,
          .machine_arn = arn::machine_arn(settings_.identity, run.record.machine_name),
          .map_label = run.record.label,
          .child = true};
}

metrics::Registry Shard::metrics() const {
  metrics::Registry registry = metrics_.registry();
  for (const auto& [number, run] : runs_) {
    const MapRunProgress progress = progress_of(*run);
    const metrics::Labels labels = columns::labels_of(kind_of(*run->info));
    registry.add_to_gauge("weft.map.children.pending", labels,
                          static_cast<double>(progress.executions.pending));
    registry.add_to_gauge("weft.map.children.running", labels,
                          static_cast<double>(progress.executions.running));
  }
  const int64_t now_us = clock_.now_us();
  // Labels once a Map Run, not once each of its 10,000 open children.
  struct Open {
    double children = 0;
    int64_t first_start_us = INT64_MAX;
  };
  std::map<const RunInfo*, Open> open;
  for (const auto& [key, live] : executions_) {
    if (!live->run) {
      registry.add_to_gauge("weft.executions.open",
                            columns::labels_of({.machine_name = live->record->machine_name,
                                                .machine_arn = live->record->machine_arn}),
                            1);
      continue;
    }
    Open& of_run = open[live->run.get()];
    ++of_run.children;
    of_run.first_start_us = std::min(of_run.first_start_us, live->start_us);
  }
  for (const auto& [run, children] : open) {
    const metrics::Labels labels = columns::labels_of(kind_of(*run));
    registry.add_to_gauge("weft.executions.open", labels, children.children);
    registry.raise_gauge("weft.map.oldest_child", labels,
                         static_cast<double>(now_us - children.first_start_us) / 1e6);
  }
  return registry;
}

}  // namespace weft::running
