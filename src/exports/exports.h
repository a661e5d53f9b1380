#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exports/destination.h"
#include "exports/live_spans.h"
#include "exports/metric_push.h"
#include "exports/source.h"

namespace weft::exports {

// Everything a running Weft pushes, one thread a destination. Thread-safe.
class Exports {
 public:
  explicit Exports(const std::vector<Destination>& destinations);
  ~Exports();

  // See LiveSpans::ended() and run_ended().
  void ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row);
  void run_ended(uint64_t run);
  // Begins to push. `source` is used until finish() has returned. Call it once.
  void start(const Source& source);
  // Sends what waits and ends: `time` after a destination took something last, and half a minute
  // after the call at most. Call it once, when nothing runs any more.
  void finish(std::chrono::milliseconds time);

  // One object a destination: [{"to":"otlp http://...","sent":..,...}].
  std::string counts_json() const;
  // A sentence for each destination that missed something.
  std::vector<std::string> warnings() const;

 private:
  const std::vector<Destination> destinations_;
  std::vector<std::unique_ptr<LiveSpans>> spans_;
  std::vector<std::unique_ptr<MetricPush>> metrics_;
};

}  // namespace weft::exports
