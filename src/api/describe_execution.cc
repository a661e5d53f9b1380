#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "api/execution_arn.h"
#include "api/operations.h"
#include "aws/answer.h"
#include "clock/system_clock.h"
#include "reading/redrivable.h"

namespace weft::api {
namespace {

using history::ExecutionStatus;

void add_redrive(const reading::Query& query, const reading::ExecutionView& view,
                 aws::Answer& answer) {
  const reading::RedriveStatus redrive = reading::redrive_status(query, view, clock::unix_ms());
  answer.number("redriveCount", static_cast<int64_t>(view.redrive_count))
      .time("redriveDate", view.redrive_ms)
      .text("redriveStatus", redrive.status)
      .text_if("redriveStatusReason", redrive.reason);
}

// An Express child that runs is not in the store yet.
base::Result<reading::ExecutionView> running_child(const Call& call, history::ExecutionKey key,
                                                   base::Error unknown) {
  auto run = call.query.map_run(key.run);
  if (!run) return std::unexpected(run.error());
  const auto children = call.host.running_children(run->arn);
  const auto child = std::ranges::find(children, key, &reading::ExecutionItem::key);
  if (child == children.end()) return std::unexpected(std::move(unknown));
  reading::ExecutionView view{.key = key,
                              .arn = child->arn,
                              .name = child->name,
                              .machine_arn = child->machine_arn,
                              .map_run_arn = child->map_run_arn,
                              .start_ms = child->start_ms,
                              .redrive_count = child->redrive_count,
                              .redrive_ms = child->redrive_ms,
                              .express = true};
  auto inputs = call.query.child_inputs(key.run, [&](uint64_t index, std::string_view input) {
    if (index == key.index) view.input = base::Text(input);
    return index < key.index;
  });
  if (!inputs) return std::unexpected(inputs.error());
  return view;
}

}  // namespace

aws::Reply describe_execution(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const auto included = call.in.one_of("includedData", {"ALL_DATA", "METADATA_ONLY"});
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto key = standard_execution(call.query, arn, ExpressChildren::kTaken);
  if (!key) return std::unexpected(key.error());
  auto view = call.query.execution(arn);
  if (!view && key->run != 0) view = running_child(call, *key, std::move(view.error()));
  if (!view) return std::unexpected(view.error());
  const bool with_data = included != "METADATA_ONLY";
  aws::Answer answer(call.arena);
  answer.text("executionArn", view->arn)
      .text("stateMachineArn", view->machine_arn)
      .text("name", view->name)
      .text("status", history::to_string(view->status))
      .time("startDate", view->start_ms)
      .time("stopDate", view->stop_ms);
  if (with_data) answer.payload("input", view->input).payload("output", view->output);
  answer.text_if("traceHeader", view->trace_header).text_if("mapRunArn", view->map_run_arn);
  // Not of one that timed out, as recorded: its history tells.
  if (with_data && view->status != history::ExecutionStatus::kTimedOut)
    answer.optional_text("error", view->error).optional_text("cause", view->cause);
  add_redrive(call.query, *view, answer);
  return answer.to_text();
}

}  // namespace weft::api
