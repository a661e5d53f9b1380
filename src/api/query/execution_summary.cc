#include "api/query/question.h"
#include "reading/trace_source.h"
#include "trace/ids.h"

namespace weft::api {
namespace {

// The size of a payload, and as much of it as may be seen.
json::Value payload_value(const base::Text& text, const Question& question) {
  return aws::Answer(question.arena)
      .number("bytes", static_cast<int64_t>(text.size()))
      .text("preview", question.payloads.apply(text.view()))
      .finish();
}

base::Result<json::Value> map_runs_value(const Question& question,
                                         const std::vector<records::MapRunRecord>& runs) {
  json::ArrayBuilder values(question.arena);
  for (const records::MapRunRecord& one : runs) {
    const auto standing = standing_of(question, one);
    if (!standing) return std::unexpected(standing.error());
    const records::MapRunRecord& run = standing->run;
    values.push(aws::Answer(question.arena)
                    .text("arn", run.arn)
                    .text("state", run.state_name)
                    .text("label", run.label)
                    .text("status", records::to_string(run.status))
                    .value("counts", counts_value(run.executions, question.arena))
                    .value("itemCounts", counts_value(run.items, question.arena))
                    .finish());
  }
  return values.finish();
}

}  // namespace

FoundResult execution_summary(const Question& question) {
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument, "arn: expected the ARN of an execution");
  }
  return summary_of(question, *arn);
}

FoundResult summary_of(const Question& question, std::string_view arn,
                       const std::function<void(aws::Answer&)>& add) {
  const auto view = question.query.execution(arn);
  if (!view) return std::unexpected(view.error());
  const auto runs = question.query.map_runs(view->key);
  if (!runs) return std::unexpected(runs.error());
  const auto context = reading::trace_context(question.query, view->key);
  if (!context) return std::unexpected(context.error());
  const bool ended = view->status != history::ExecutionStatus::kRunning;
  const auto imported = question.query.is_imported(view->key);
  const auto final = is_final(question, view->key, view->status);
  if (!final) return std::unexpected(final.error());
  const auto map_runs = map_runs_value(question, *runs);
  if (!map_runs) return std::unexpected(map_runs.error());
  aws::Answer answer(question.arena);
  answer.number("v", view->stop_ms)
      .flag("final", *final)
      .text("arn", view->arn)
      .text("name", view->name)
      .text("machine", view->machine_arn)
      .text_if("mapRun", view->map_run_arn)
      .text("status", history::to_string(view->status))
      .number("start", view->start_ms * 1'000);
  if (ended) answer.number("stop", view->stop_ms * 1'000);
  answer.flag("here", question.host.runs() && imported && !*imported);
  if (view->redrive_count > 0) {
    answer.number("redrives", static_cast<int64_t>(view->redrive_count))
        .number("redriven", view->redrive_ms * 1'000);
  }
  answer.value("input", payload_value(view->input, question));
  if (!view->output.is_null()) answer.value("output", payload_value(view->output, question));
  if (view->error) answer.text("error", question.payloads.clean(*view->error));
  if (view->cause) answer.text("cause", question.payloads.clean(*view->cause));
  answer
      .value("trace", aws::Answer(question.arena)
                          .text("dd", std::to_string(context->trace.low))
                          .text("w3c", context->trace.hex())
                          .finish())
      .value("mapRuns", *map_runs);
  if (add) add(answer);
  return Found{answer.to_text(), *final};
}

}  // namespace weft::api
