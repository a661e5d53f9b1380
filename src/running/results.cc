#include "running/results.h"

#include "history/codec.h"
#include "json/object_text.h"

namespace weft::running {
namespace {

// What a tolerated failure leaves in the result.
void append_failure(const arn::ChildNames& names, const RunInfo& run, const history::Event& end,
                    const history::Event& start, uint64_t index, std::string& out) {
  json::ObjectText failure;
  if (end.cause) failure.text("Cause", *end.cause);
  if (end.error) failure.text("Error", *end.error);
  failure.text("ExecutionArn", run.child_arn(names, index));
  failure.text("Input", start.text.view());
  failure.raw("InputDetails", R"({"Included":true})");
  failure.text("Name", names.name_in_arn({run.record.number, index}, run.record.express));
  failure.text("StartDate", base::format_iso_ms(start.time_ms));
  failure.text("StateMachineArn", run.machine_arn);
  const bool aborted = end.type == history::EventType::kExecutionAborted;
  const bool timed_out = end.type == history::EventType::kExecutionTimedOut;
  failure.text("Status", aborted ? "ABORTED" : timed_out ? "TIMED_OUT" : "FAILED");
  failure.text("StopDate", base::format_iso_ms(end.time_ms));
  out += failure.finish();
}

}  // namespace

base::Result<base::Text> collect_results(const store::Store& store, uint64_t child_name_key,
                                         const RunInfo& run, uint64_t output_bytes,
                                         size_t bytes_max) {
  if (output_bytes > bytes_max) return base::Text();
  const arn::ChildNames names(child_name_key);
  const uint64_t number = run.record.number;
  std::string result = "[";
  history::Event start;
  const auto visit = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    const auto place = records::parse_turn_key(key);
    if (!place) return std::unexpected(place.error());
    auto turn = history::decode_turn(value);
    if (!turn) return std::unexpected(turn.error());
    if (turn->events.empty()) return true;
    if (turn->events.front().type == history::EventType::kExecutionStarted)
      start = turn->events.front();
    const history::Event& end = turn->events.back();
    if (!history::is_terminal(end.type)) return true;
    if (result.size() > 1) result += ',';
    if (end.type == history::EventType::kExecutionSucceeded) {
      result += end.text.view();
    } else {
      append_failure(names, run, end, start, place->key.index, result);
    }
    return result.size() <= bytes_max;
  };
  auto scanned = store::scan_checked(store, store::Family::kTurn, records::turn_key({number, 0}, 0),
                                     records::turn_key({number + 1, 0}, 0), false, visit);
  if (!scanned) return std::unexpected(scanned.error());
  if (result.size() >= bytes_max) return base::Text();
  result += ']';
  return base::Text(std::move(result));
}

}  // namespace weft::running
