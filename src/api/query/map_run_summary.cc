#include <algorithm>

#include "api/explanation.h"
#include "api/query/question.h"
#include "api/query/still_running.h"
#include "columns/summary.h"

namespace weft::api {
namespace {

constexpr int64_t kMinute = 60'000'000;

// When the run will end at the speed of the last minute; the bounds come from the slowest and the
// fastest of the last five.
json::Value eta(const RunView& view, columns::RowSpan all, int64_t now, json::Arena& arena) {
  const history::MapRunCounts& counts = view.live->executions;
  const double rate = columns::end_rate(*view.columns, all, now, kMinute);
  if (view.live->reading || rate <= 0) return json::Value::null();
  double slowest = rate;
  double fastest = rate;
  for (int64_t minute = 1; minute < 5 && minute * kMinute < now; ++minute) {
    const double one = columns::end_rate(*view.columns, all, now - minute * kMinute, kMinute);
    if (one <= 0) continue;
    slowest = std::min(slowest, one);
    fastest = std::max(fastest, one);
  }
  const auto left = static_cast<double>(counts.pending + counts.running);
  const auto at = [&](double per_second) {
    return view.run.start_ms * 1'000 + now + static_cast<int64_t>(left / per_second * 1e6);
  };
  return aws::Answer(arena)
      .number("at", at(rate))
      .number("lo", at(fastest))
      .number("hi", at(slowest))
      .finish();
}

json::Value oldest_running(const Question& question, const RunView& view) {
  const auto running = question.host.running_children(view.run.arn);
  if (running.empty()) return json::Value::null();
  const auto began = [&](const reading::ExecutionItem& one) { return began_us(one, view.run); };
  const auto oldest = std::ranges::min_element(running, {}, began);
  return aws::Answer(question.arena)
      .number("idx", static_cast<int64_t>(oldest->key.index))
      .number("start", began(*oldest))
      .finish();
}

void add_percentiles(const metrics::Percentiles& values, aws::Answer& answer) {
  answer.number("p50", values.p50)
      .number("p95", values.p95)
      .number("p99", values.p99)
      .number("max", values.max);
}

// When its limits were changed, and how.
json::Value marks(const records::MapRunRecord& run, json::Arena& arena) {
  json::ArrayBuilder all(arena);
  for (const records::LimitChange& change : run.changes) {
    all.push(aws::Answer(arena)
                 .number("t", (change.at_ms - run.start_ms) * 1'000)
                 .text("kind", records::to_string(change.setting))
                 .real("from", change.from)
                 .real("to", change.to)
                 .finish());
  }
  return all.finish();
}

// What was kept and why; without a decision everything was.
json::Value detail_value(const trace::DetailChoice& choice, json::Arena& arena) {
  aws::Answer reasons(arena);
  for (const auto& [reason, count] : choice.reasons()) {
    reasons.number(reason, static_cast<int64_t>(count));
  }
  return aws::Answer(arena)
      .number("budget", static_cast<int64_t>(choice.budget))
      .number("total", static_cast<int64_t>(choice.total))
      .number("kept", static_cast<int64_t>(choice.kept))
      .number("lateSpans", static_cast<int64_t>(choice.late_spans))
      .value("reasons", reasons.finish())
      .finish();
}

}  // namespace

FoundResult map_run_summary(const Question& question) {
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const records::MapRunRecord& run = view->run;
  const columns::RowSpan all = columns::all_rows(*view->columns);
  // Of all children it is known to others, too.
  const auto known = view->chosen ? std::make_shared<const reading::RunColumns::Whole>(
                                        columns::summarize(*view->columns, *view->chosen),
                                        columns::split_time(*view->columns, *view->chosen))
                                  : question.columns.whole(run.number, view->columns);
  const columns::Summary& summary = known->summary;
  const columns::Range range = view->range(question.now_ms);
  aws::Answer answer = begin_answer(question, *view);
  answer.text("mapRunArn", run.arn)
      .text("executionArn", run.execution_arn)
      .text("state", run.state_name)
      .text("label", run.label)
      .text("status", records::to_string(run.status))
      .number("start", run.start_ms * 1'000);
  if (view->ended()) answer.number("stop", run.stop_ms * 1'000);
  answer.flag("here", question.host.runs() && !run.imported);
  if (run.redrive_count > 0)
    answer.number("redrives", run.redrive_count).number("redriven", run.redrive_ms * 1'000);
  answer.number("end", range.to)
      .number("maxConcurrency", run.max_concurrency)
      .real("toleratedFailurePercentage", run.tolerated_failure_percentage)
      .number("toleratedFailureCount", run.tolerated_failure_count)
      .value("marks", marks(run, question.arena))
      .value("itemCounts", counts_value(view->live ? view->live->items : run.items, question.arena))
      .value("executionCounts",
             counts_value(view->live ? view->live->executions : run.executions, question.arena))
      .number("n", static_cast<int64_t>(summary.count))
      .number("failed", static_cast<int64_t>(summary.failed))
      .number("aborted",
              static_cast<int64_t>(
                  summary.by_status[static_cast<size_t>(history::ExecutionStatus::kAborted)]))
      .number("retries", static_cast<int64_t>(summary.retries))
      .number("coldStarts", static_cast<int64_t>(summary.cold_starts))
      .number("lanes", summary.lanes);
  add_percentiles(summary.duration, answer);
  aws::Answer queue(question.arena);
  add_percentiles(summary.queue, queue);
  answer.value("queue", queue.finish())
      .value("split", split_value(known->time, question.arena))
      .real("rate1m", columns::end_rate(*view->columns, all, range.to, kMinute))
      .real("rate5m", columns::end_rate(*view->columns, all, range.to, 5 * kMinute));
  if (view->live) {
    answer.flag("reading", view->live->reading)
        .value("eta", eta(*view, all, range.to, question.arena))
        .value("oldestRunning", oldest_running(question, *view));
  }
  const auto detail = question.host.detail(run.number);
  if (!detail) return std::unexpected(detail.error());
  const trace::DetailChoice choice = detail->value_or(
      trace::DetailChoice{.budget = run.detail_budget, .total = all.size(), .kept = all.size()});
  answer.value("detail", detail_value(choice, question.arena));
  // Spans that come late for children without detail are still counted.
  return Found{answer.text_if("error", question.payloads.clean(run.error))
                   .text_if("cause", question.payloads.clean(run.cause))
                   .to_text(),
               view->final() && choice.complete()};
}

}  // namespace weft::api
