#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "metrics/registry.h"
#include "runtime/names.h"
#include "runtime/ports.h"

namespace weft::lambda {
struct Invocation;
}
namespace weft::telemetry {
class Invocations;
}

namespace weft::runtime {

// The span of this attempt, under which the function hangs its own, and a nested execution itself.
// The same text is in the context object, so Datadog's expressions in a definition come to the same
// id.
trace::Context context_of_attempt(const TaskRequest& request);

// What tracing adds to the call of a function: the context that the function hangs its own spans
// on, and the entry by which what it sends is found. A few microseconds a call. Thread-safe.
class CallTracing {
 public:
  // `invocations` may be null, and is told of every call otherwise.
  CallTracing(Identity identity, telemetry::Invocations* invocations)
      : identity_(std::move(identity)), invocations_(invocations) {}

  // Sets the trace header and, unless the task gives its own, the client context.
  void prepare(const TaskRequest& request, lambda::Invocation& invocation);

 private:
  using Shared = std::shared_ptr<const metrics::Labels>;
  // Those of the state's own metrics; the same for all executions of a machine.
  Shared labels_of_state(std::string_view execution_arn, std::string_view state);

  static constexpr size_t kMachinesMax = 1'000;

  const Identity identity_;
  telemetry::Invocations* const invocations_;
  std::mutex mutex_;
  // By what stands before the name of the execution, then by state.
  std::map<std::string, std::map<std::string, Shared, std::less<>>, std::less<>> labels_;
};

}  // namespace weft::runtime
