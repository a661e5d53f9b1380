#include "api/query/question.h"
#include "trace/ids.h"

namespace weft::api {
namespace {

constexpr size_t kPreviewBytes = 2'048;

// The size of a payload and its beginning, cut between characters.
json::Value payload_value(const base::Text& text, json::Arena& arena) {
  std::string_view preview = text.view().substr(0, kPreviewBytes);
  while (!preview.empty() && preview.size() < text.size() &&
         (static_cast<unsigned char>(text.view()[preview.size()]) & 0xC0) == 0x80) {
    preview.remove_suffix(1);
  }
  return Answer(arena)
      .number("bytes", static_cast<int64_t>(text.size()))
      .text("preview", preview)
      .finish();
}

json::Value map_runs_value(const Question& question,
                           const std::vector<runtime::MapRunRecord>& runs) {
  json::ArrayBuilder values(question.arena);
  for (const runtime::MapRunRecord& run : runs) {
    const bool open = run.status == runtime::MapRunStatus::kRunning;
    const auto live = open ? question.host.map_run_progress(run.arn) : std::nullopt;
    values.push(
        Answer(question.arena)
            .text("arn", run.arn)
            .text("state", run.state_name)
            .text("label", run.label)
            .text("status", runtime::to_string(run.status))
            .value("counts", counts_value(live ? live->executions : run.executions, question.arena))
            .value("itemCounts", counts_value(live ? live->items : run.items, question.arena))
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
  const auto view = question.query.execution(*arn);
  if (!view) return std::unexpected(view.error());
  const auto runs = question.query.map_runs(view->key);
  if (!runs) return std::unexpected(runs.error());
  trace::Context context;
  if (view->key.run == 0) {
    const auto record = question.query.execution_record(view->key);
    if (!record) return std::unexpected(record.error());
    context = record->trace;
  } else {
    const auto run = question.query.map_run(view->key.run);
    if (!run) return std::unexpected(run.error());
    context = run->trace;
  }
  const bool final = view->status != history::ExecutionStatus::kRunning;
  Answer answer(question.arena);
  answer.number("v", view->stop_ms)
      .flag("final", final)
      .text("arn", view->arn)
      .text("name", view->name)
      .text("machine", view->machine_arn)
      .text_if("mapRun", view->map_run_arn)
      .text("status", history::to_string(view->status))
      .number("start", view->start_ms * 1'000);
  if (final) answer.number("stop", view->stop_ms * 1'000);
  answer.value("input", payload_value(view->input, question.arena));
  if (!view->output.is_null()) answer.value("output", payload_value(view->output, question.arena));
  answer.optional_text("error", view->error)
      .optional_text("cause", view->cause)
      .value("trace", Answer(question.arena)
                          .text("dd", std::to_string(context.trace.low))
                          .text("w3c", context.trace.hex())
                          .finish())
      .value("mapRuns", map_runs_value(question, *runs));
  return Found{answer.to_text(), final};
}

}  // namespace weft::api
