#include "base/time.h"
#include "engine/turn.h"

namespace weft::engine {
namespace {

// A Wait may not end later than this (AWS: "Wait state delay is too long.", seen for more than
// 2^31-1 seconds).
constexpr int64_t kSecondsMax = 99'999'999;
constexpr int64_t kDelayMsMax = 2'147'483'647'000;

}  // namespace

void Turn::start_wait(Scope& current) {
  const auto& body = std::get<asl::WaitState>(state_of(current).body);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  auto input = values.input_text();
  if (!input) return fail_evaluation(current.id, input.error());
  base::UnixMs due_ms = surroundings_.now_ms;
  if (body.seconds) {
    auto seconds = values.evaluate_integer(*body.seconds, 0, kSecondsMax);
    if (!seconds) return fail_evaluation(current.id, seconds.error());
    due_ms += *seconds * 1'000;
  } else if (body.timestamp) {
    auto time = values.evaluate_time(*body.timestamp);
    if (!time) return fail_evaluation(current.id, time.error());
    due_ms = *time;
  }
  if (due_ms - surroundings_.now_ms > kDelayMsMax) {
    return fail(current.id, {.error = "States.Runtime",
                             .cause = cause_prefix(current) + "Wait state delay is too long.",
                             .event_id = current.entered_id});
  }
  if (due_ms <= surroundings_.now_ms) return leave(current.id, *input, current.entered_id);
  history::Event e = event(history::EventType::kWeftWaitScheduled, current, 0);
  e.number = due_ms;
  const ScopeId id = current.id;
  commit(std::move(e));
  decision_.actions.emplace_back(
      WakeAt{.scope = id, .due_ms = due_ms, .timestamp = body.timestamp.has_value()});
}

}  // namespace weft::engine
