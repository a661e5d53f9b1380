#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "arn/arn.h"
#include "integrations/task.h"
#include "metrics/registry.h"
#include "sync/mutex.h"
#include "trace/context.h"

namespace weft::telemetry {
class Invocations;
}

namespace weft::integrations {

// The span of this attempt, under which the function hangs its own, and a nested execution itself.
// The same text is in the context object, so Datadog's expressions in a definition come to the same
// id.
trace::Context context_of_attempt(const TaskRequest& request);

// Knows where in the trace the call of a task stands, and remembers it, so that what the called
// function or service sends is found. A few microseconds a call. Thread-safe.
class CallTracing {
 public:
  // `invocations` may be null, and is told of every call otherwise.
  CallTracing(arn::Home identity, telemetry::Invocations* invocations)
      : identity_(std::move(identity)), invocations_(invocations) {}

  // A call is about to be made: the context it carries, under which whoever is called hangs its own
  // spans.
  trace::Context begin(const TaskRequest& request);

 private:
  using Shared = std::shared_ptr<const metrics::Labels>;
  // Those of the state's own metrics; the same for all executions of a machine.
  Shared labels_of_state(std::string_view execution_arn, std::string_view state);

  static constexpr size_t kMachinesMax = 1'000;

  const arn::Home identity_;
  telemetry::Invocations* const invocations_;
  sync::Mutex mutex_;
  // By what stands before the name of the execution, then by state.
  std::map<std::string, std::map<std::string, Shared, std::less<>>, std::less<>> labels_
      WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::integrations
