#include "api/comparison.h"

#include "aws/answer.h"

namespace weft::api {
namespace {

json::Value side_value(const reading::ComparedExecution& side, const trace::Redactor& payloads,
                       json::Arena& arena) {
  json::ArrayBuilder states(arena);
  for (const reading::StateVisits& state : side.states) {
    states.push(aws::Answer(arena)
                    .text("name", state.name)
                    .number("count", static_cast<int64_t>(state.count))
                    .number("failed", static_cast<int64_t>(state.failed))
                    .real("totalMs", static_cast<double>(state.total_us) / 1'000)
                    .finish());
  }
  json::ArrayBuilder events(arena);
  for (const std::string& event : side.events) events.push(json::Value::string(event, arena));
  aws::Answer answer(arena);
  answer.text("executionArn", side.view.arn).text("status", history::to_string(side.view.status));
  if (!side.view.output.is_null()) answer.text("output", payloads.uncut(side.view.output.view()));
  if (side.view.error) answer.text("error", *side.view.error);
  if (side.view.cause) answer.text("cause", payloads.clean(*side.view.cause));
  return answer.real("durationMs", static_cast<double>(side.duration_us) / 1'000)
      .number("calls", static_cast<int64_t>(side.calls))
      .number("coldStarts", static_cast<int64_t>(side.cold_starts))
      .real("queuedMs", static_cast<double>(side.queued_us) / 1'000)
      .real("initMs", static_cast<double>(side.init_us) / 1'000)
      .real("runMs", static_cast<double>(side.run_us) / 1'000)
      .value("states", states.finish())
      .value("events", events.finish())
      .finish();
}

}  // namespace

json::Value comparison_value(const reading::Comparison& compared, const trace::Redactor& payloads,
                             json::Arena& arena) {
  json::ArrayBuilder differs(arena);
  const auto add = [&](bool one, std::string_view name) {
    if (one) differs.push(json::Value::string_ref(name));
  };
  add(compared.status_differs, "status");
  add(compared.output_differs, "output");
  add(compared.error_differs, "error");
  add(compared.states_differ, "states");
  add(compared.events_differ, "events");
  return aws::Answer(arena)
      .value("differs", differs.finish())
      .value("recorded", side_value(compared.before, payloads, arena))
      .value("replayed", side_value(compared.after, payloads, arena))
      .finish();
}

}  // namespace weft::api
