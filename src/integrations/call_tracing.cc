#include "integrations/call_tracing.h"

#include <utility>

#include "arn/arn.h"
#include "base/time.h"
#include "columns/execution_metrics.h"
#include "sync/mutex.h"
#include "telemetry/invocations.h"
#include "trace/ids.h"

namespace weft::integrations {

trace::Context context_of_attempt(const TaskRequest& request) {
  trace::Context context = request.execution_trace;
  context.span =
      trace::span_of_attempt(request.execution_arn, request.program->state(request.state).name,
                             base::format_iso_ms(request.entered_ms), request.retry_count, 0);
  return context;
}

trace::Context CallTracing::begin(const TaskRequest& request) {
  const trace::Context context = context_of_attempt(request);
  if (invocations_ == nullptr || !request.of_execution()) return context;
  const std::string& state = request.program->state(request.state).name;
  invocations_->add(request.request_id, request.detail, context.trace, context.span,
                    labels_of_state(request.execution_arn, state));
  return context;
}

CallTracing::Shared CallTracing::labels_of_state(std::string_view execution_arn,
                                                 std::string_view state) {
  const std::string_view machine = arn::without_name(execution_arn);
  const sync::MutexLock lock(mutex_);
  auto states = labels_.find(machine);
  if (states != labels_.end()) {
    if (const auto known = states->second.find(state); known != states->second.end())
      return known->second;
  } else {
    if (labels_.size() >= kMachinesMax) labels_.clear();
    states = labels_.try_emplace(std::string(machine)).first;
  }
  const auto arn = arn::parse_states_arn(execution_arn);
  if (!arn) return nullptr;
  metrics::Labels labels =
      columns::labels_of({.machine_name = arn->machine,
                          .machine_arn = arn::machine_arn(identity_, arn->machine),
                          .map_label = arn->label,
                          .child = !arn->label.empty()});
  labels.emplace_back("stepname", state);
  return states->second
      .emplace(std::string(state), std::make_shared<const metrics::Labels>(std::move(labels)))
      .first->second;
}

}  // namespace weft::integrations
