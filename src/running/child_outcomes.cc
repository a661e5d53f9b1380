#include "running/child_outcomes.h"

#include <fmt/format.h>

#include "history/codec.h"
#include "history/outcome.h"
#include "json/object_text.h"
#include "running/replayed.h"

namespace weft::running {

using history::EventType;

base::Result<void> scan_outcomes(
    const store::Store& store, uint64_t run,
    const std::function<base::Result<bool>(const ChildOutcome&)>& visit) {
  ChildOutcome child;
  bool ended = false;  // `child` has an end
  uint32_t turns = 0;  // of it
  const auto take = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    const auto place = records::parse_turn_key(key);
    if (!place) return std::unexpected(place.error());
    if (place->key.index != child.index) {
      if (ended) {
        auto more = visit(child);
        ended = false;
        if (!more || !*more) return more;
      }
      child = {.index = place->key.index, .start = {}, .end = {}};
      turns = 0;
    }
    // Without all of them its outcome would lack what they hold, such as its input.
    if (place->turn != turns++) {
      return damaged(fmt::format("the history of child ({}, {}) lacks turn {}", run,
                                 place->key.index, turns - 1));
    }
    auto turn = history::decode_turn(value);
    if (!turn) return std::unexpected(turn.error());
    for (history::Event& event : turn->events) {
      if (event.type == EventType::kExecutionStarted) child.start = event;
      if (event.type == EventType::kExecutionRedriven) ++child.redrives;
    }
    if (turn->events.empty()) return true;
    ended = history::is_terminal(turn->events.back().type);
    if (ended) child.end = std::move(turn->events.back());
    return true;
  };
  bool stopped = false;
  auto scanned =
      store::scan_checked(store, store::Family::kTurn, records::turn_key({run, 0}, 0),
                          records::turn_key({run + 1, 0}, 0), false,
                          [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                            auto more = take(key, value);
                            stopped = !more || !*more;
                            return more;
                          });
  if (!scanned || stopped || !ended) return scanned;
  auto last = visit(child);
  if (!last) return std::unexpected(last.error());
  return {};
}

std::string result_record(const arn::ChildNames& names, const RunInfo& run,
                          const ChildOutcome& child) {
  const history::ExecutionStatus status = history::status_of(child.end.type);
  const bool succeeded = status == history::ExecutionStatus::kSucceeded;
  json::ObjectText record;
  if (child.end.cause && !succeeded) record.text("Cause", *child.end.cause);
  if (child.end.error && !succeeded) record.text("Error", *child.end.error);
  record.text("ExecutionArn", run.child_arn(names, child.index));
  record.text("Input", child.start.text.view());
  record.raw("InputDetails", R"({"Included":true})");
  record.text("Name", names.name_in_arn({run.record.number, child.index}, run.record.express));
  if (succeeded) {
    record.text("Output", child.end.text.view());
    record.raw("OutputDetails", R"({"Included":true})");
  }
  record.raw("RedriveCount", std::to_string(child.redrives));
  record.text("RedriveStatus", succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN");
  if (succeeded)
    record.text("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven");
  record.text("StartDate", base::format_iso_ms(child.start.time_ms));
  record.text("StateMachineArn", run.machine_arn);
  record.text("Status", history::to_string(status));
  record.text("StopDate", base::format_iso_ms(child.end.time_ms));
  return record.finish();
}

std::string pending_record(std::string_view input) {
  json::ObjectText record;
  record.text("Input", input);
  record.raw("InputDetails", R"({"Included":true})");
  record.text("Status", "PENDING");
  return record.finish();
}

}  // namespace weft::running
