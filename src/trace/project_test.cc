#include "trace/project.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "trace/test_histories.h"

namespace weft::trace {
namespace {

using history::ExecutionStatus;
using testing::kStart;

std::vector<Span> spans_of(const TraceSource& source) {
  return project_execution(source.parent,
                           {.trace = trace_of_root(source.parent.arn), .now_ms = source.now_ms});
}

const Span& named(const std::vector<Span>& spans, std::string_view name) {
  auto found = std::ranges::find(spans, name, &Span::name);
  EXPECT_NE(found, spans.end()) << name;
  return *found;
}

TEST(Project, EverySpan_HangsUnderOneSeenBefore) {
  for (const TraceSource& source : {testing::mixed(), testing::fan_out(3)}) {
    std::set<uint64_t> seen;
    for (const Span& span : spans_of(source)) {
      EXPECT_EQ(seen.contains(span.parent_id), span.depth > 0) << span.name;
      EXPECT_TRUE(seen.insert(span.span_id).second) << span.name;
      EXPECT_GE(span.duration_us, 0);
    }
  }
}

TEST(Project, RetriedTask_HasAttemptsAndAWaitBetween) {
  auto spans = spans_of(testing::mixed());
  const Span& state = named(spans, "Flaky call");
  const Span& first = named(spans, "attempt 1");
  const Span& second = named(spans, "attempt 2");
  const Span& wait = named(spans, "retry wait");
  EXPECT_EQ(first.parent_id, state.span_id);
  EXPECT_EQ(first.error, "Throttled");
  EXPECT_EQ(wait.start_us, first.end_us());
  EXPECT_EQ(wait.end_us(), second.start_us);
  EXPECT_EQ(second.status, ExecutionStatus::kTimedOut);
  EXPECT_EQ(state.attribute("error.caught"), "true");
  EXPECT_EQ(second.span_id, span_of_attempt(testing::mixed().parent.arn, "Flaky call",
                                            base::format_iso_ms(kStart), 1, 0));
}

TEST(Project, OnlyAttempt_IsTheStateItself) {
  TraceSource source = testing::fan_out(20);
  ExecutionTrace child = *source.child(source.map_runs[0], 17);
  auto spans = project_execution(child, {.trace = {1, 2}, .parent_span = 9, .map_child = true});
  EXPECT_EQ(spans[0].kind, SpanKind::kChild);
  EXPECT_EQ(spans[0].parent_id, 9u);
  EXPECT_EQ(spans[0].error, "ImageDecodeError");
  const Span& task = named(spans, "Lambda Invoke");
  EXPECT_EQ(task.resource, "lambda:invoke");
  EXPECT_EQ(task.span_id, span_of_attempt(child.arn, "Lambda Invoke",
                                          base::format_iso_ms(child.start_ms + 1), 0, 0));
  const Span& function = named(spans, "watermark");
  EXPECT_EQ(function.kind, SpanKind::kLambda);
  EXPECT_EQ(function.parent_id, task.span_id);
  EXPECT_EQ(std::ranges::count(spans, SpanKind::kAttempt, &Span::kind), 0);
}

TEST(Project, Child_IsItsMachinesUnderTheLabel) {
  TraceSource source = testing::fan_out(2);
  auto spans = project_execution(*source.child(source.map_runs[0], 1), {.map_child = true});
  for (const Span* span : {&std::as_const(spans[0]), &named(spans, "Choose size")}) {
    EXPECT_EQ(span->attribute("statemachinename"), "process-images");
    EXPECT_EQ(span->attribute("map_label"), "ProcessImageMap");
  }
  EXPECT_EQ(named(spans_of(source), "Prepare").attribute("map_label"), "");
}

TEST(Project, FunctionCall_IsQueueColdStartAndRunInARow) {
  TraceSource source = testing::fan_out(2);
  auto spans = project_execution(*source.child(source.map_runs[0], 0), {});
  const auto& row = source.map_runs[0].rows[0];
  const Span& queue = named(spans, "queue");
  const Span& cold = named(spans, "cold start");
  const Span& run = named(spans, "watermark");
  EXPECT_EQ(queue.end_us(), cold.start_us);
  EXPECT_EQ(cold.end_us(), run.start_us);
  EXPECT_EQ(cold.duration_us, row.cold_start_us);
  EXPECT_EQ(run.duration_us, row.run_us);
  EXPECT_LE(run.end_us(), spans[0].end_us());
}

TEST(Project, BranchesAndIterations_HoldTheirStates) {
  auto spans = spans_of(testing::mixed());
  EXPECT_EQ(named(spans, "Pause").parent_id, named(spans, "branch 0").span_id);
  EXPECT_EQ(named(spans, "Shape").parent_id, named(spans, "branch 1").span_id);
  EXPECT_EQ(named(spans, "branch 1").duration_us, 1'000);
  EXPECT_EQ(named(spans, "branch 0").parent_id, named(spans, "Both").span_id);
  const Span& failed = named(spans, "Each[0]");
  EXPECT_EQ(failed.status, ExecutionStatus::kFailed);
  EXPECT_EQ(failed.error, "States.QueryEvaluationError");
  EXPECT_EQ(named(spans, "Each[1]").status, ExecutionStatus::kAborted);
  EXPECT_EQ(named(spans, "Each").status, ExecutionStatus::kFailed);
  EXPECT_EQ(spans[0].status, ExecutionStatus::kFailed);
}

// What logs tell as well as the engine: nothing of the definition is needed.
TEST(Project, States_SayWhatFollowedAndHowOftenTheyWereTried) {
  auto spans = spans_of(testing::mixed());
  const Span& flaky = named(spans, "Flaky call");
  EXPECT_EQ(flaky.attribute("next_state"), "Both");
  EXPECT_EQ(flaky.attribute("retry_count"), "1");
  EXPECT_EQ(named(spans, "attempt 1").attribute("error.caught"), "");
  EXPECT_EQ(named(spans, "attempt 2").attribute("error.caught"), "true");
  EXPECT_EQ(named(spans, "Both").attribute("next_state"), "Each");
  EXPECT_EQ(named(spans, "Both").attribute("retry_count"), "");
  EXPECT_EQ(named(spans, "Shape").attribute("next_state"), "");
  EXPECT_EQ(named(spans, "Each").attribute("next_state"), "");
  EXPECT_EQ(named(spans, "Each[1]").attribute("item_index"), "1");
}

TEST(Project, TaskThatStartedLater_SaysHowLongItWasScheduled) {
  ExecutionTrace execution;
  testing::HistoryBuilder history(kStart);
  history.add(history::EventType::kTaskStateEntered, 0, "Call");
  history.schedule(0);
  history.add(history::EventType::kTaskStarted, 40);
  history.add(history::EventType::kTaskSucceeded, 90);
  history.add(history::EventType::kTaskStateExited, 90, "Call");
  execution.events = history.take();
  const auto spans = project_execution(execution, {});
  EXPECT_EQ(named(spans, "Call").number("schedule_time_ns"), 40e6);
}

TEST(Project, MapRun_IsASpanOfItsState) {
  TraceSource source = testing::fan_out(3);
  auto spans = spans_of(source);
  const Span& run = named(spans, "Map Run");
  EXPECT_EQ(run.span_id, high_hash(source.map_runs[0].arn));
  EXPECT_EQ(run.parent_id, named(spans, "ProcessImageMap").span_id);
  EXPECT_EQ(run.status, ExecutionStatus::kSucceeded);
}

TEST(Project, OpenExecution_RunsUntilNow) {
  TraceSource source = testing::fan_out(3);
  source.parent.events.resize(6);  // up to MapRunStarted
  source.now_ms = kStart + 9'000;
  auto spans = spans_of(source);
  EXPECT_EQ(spans[0].status, ExecutionStatus::kRunning);
  EXPECT_EQ(spans[0].duration_us, 9'000'000);
  EXPECT_EQ(named(spans, "Map Run").status, ExecutionStatus::kRunning);
}

TEST(Project, EventsCutAnywhere_NeverBreak) {
  std::vector<history::Event> events = testing::mixed().parent.events;
  for (size_t from = 0; from < events.size(); ++from) {
    ExecutionTrace part;
    part.start_ms = kStart;
    part.events.assign(events.begin() + static_cast<ptrdiff_t>(from), events.end());
    EXPECT_FALSE(project_execution(part, {}).empty());
    part.events.assign(events.begin(), events.begin() + static_cast<ptrdiff_t>(from));
    EXPECT_FALSE(project_execution(part, {}).empty());
  }
}

}  // namespace
}  // namespace weft::trace
