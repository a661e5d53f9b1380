#include "api/query/question.h"
#include "reading/redrivable.h"
#include "running/redrive.h"

namespace weft::api {
namespace {

// Of one Map Run that goes on: what stays, and what runs again.
json::Value map_run_value(const Question& question, const records::MapRunRecord& run) {
  return aws::Answer(question.arena)
      .text("arn", run.arn)
      .text("state", run.state_name)
      .flag("express", run.express)
      .value("counts", counts_value(run.executions, question.arena))
      .value("itemCounts", counts_value(run.items, question.arena))
      .finish();
}

}  // namespace

FoundResult execution_redrive(const Question& question) {
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument, "arn: expected the ARN of an execution");
  }
  const auto view = question.query.execution(*arn);
  if (!view) return std::unexpected(view.error());
  const reading::RedriveStatus redrive =
      reading::redrive_status(question.query, *view, question.now_ms);
  aws::Answer answer(question.arena);
  answer.flag("here", question.host.runs())
      .text("status", redrive.status)
      .text_if("reason", redrive.reason)
      .number("redrives", static_cast<int64_t>(view->redrive_count));
  if (redrive.status != "REDRIVABLE") return Found{answer.to_text()};
  const auto plan = running::plan_redrive(question.query, *view);
  if (!plan) return std::unexpected(plan.error());
  json::ArrayBuilder states(question.arena);
  for (const std::string& name : plan->states)
    states.push(json::Value::string(name, question.arena));
  json::ArrayBuilder runs(question.arena);
  for (const records::MapRunRecord& run : plan->map_runs) runs.push(map_run_value(question, run));
  return Found{answer.value("states", states.finish()).value("mapRuns", runs.finish()).to_text()};
}

}  // namespace weft::api
