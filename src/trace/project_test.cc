#include "trace/project.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "trace/redriven_histories.h"
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

std::vector<const Span*> all_named(const std::vector<Span>& spans, std::string_view name) {
  std::vector<const Span*> found;
  for (const Span& span : spans) {
    if (span.name == name) found.push_back(&span);
  }
  return found;
}

TEST(Project, Redrive_IsASpanBesideTheFirst) {
  const TraceSource source = testing::redriven();
  const std::string& arn = source.parent.arn;
  const auto spans =
      project_execution(source.parent, {.trace = {1, 2}, .parent_span = 9, .now_ms = 0});
  const auto roots = all_named(spans, "r-1");
  ASSERT_EQ(roots.size(), 2u);
  EXPECT_EQ(roots[0]->span_id, high_hash(arn));
  EXPECT_EQ(roots[1]->span_id, high_hash(arn + "#redrive#1"));
  EXPECT_EQ(roots[0]->status, ExecutionStatus::kFailed);
  EXPECT_EQ(roots[0]->duration_us, 50'000);
  EXPECT_EQ(roots[0]->attribute("redrive_count"), "0");
  EXPECT_EQ(roots[1]->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(roots[1]->start_us, (kStart + 1'000) * 1'000);
  EXPECT_EQ(roots[1]->duration_us, 101'000);
  EXPECT_EQ(roots[1]->attribute("redrive_count"), "1");
  for (const Span* root : roots) {
    EXPECT_EQ(root->parent_id, 9u);
    EXPECT_EQ(root->depth, 0u);
    EXPECT_EQ(root->resource, arn);
  }
  EXPECT_EQ(&last_execution_of(spans), roots[1]);
}

TEST(Project, StateThatIsRedriven_HasASpanInEach) {
  const TraceSource source = testing::redriven();
  const std::string& arn = source.parent.arn;
  const auto spans = spans_of(source);
  const auto roots = all_named(spans, "r-1");
  const auto calls = all_named(spans, "Call");
  ASSERT_EQ(calls.size(), 2u);
  const std::string entered = base::format_iso_ms(kStart + 1);
  for (uint32_t redrive = 0; redrive < 2; ++redrive) {
    const Span& call = *calls[redrive];
    EXPECT_EQ(call.parent_id, roots[redrive]->span_id);
    EXPECT_EQ(call.span_id, span_of_attempt(arn, "Call", entered, 0, redrive));
    EXPECT_EQ(call.attribute("state_entered_time"), entered);
    EXPECT_EQ(call.attribute("retry_count"), "0");
    EXPECT_EQ(call.resource, "lambda:invoke");
  }
  EXPECT_EQ(calls[0]->status, ExecutionStatus::kFailed);
  EXPECT_EQ(calls[1]->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(calls[1]->duration_us, 100'000);
  EXPECT_EQ(calls[1]->error, "");
  EXPECT_EQ(calls[1]->attribute("next_state"), "Done");
  EXPECT_EQ(named(spans, "Prepare").parent_id, roots[0]->span_id);
  EXPECT_EQ(named(spans, "Prepare").span_id,
            span_of_attempt(arn, "Prepare", base::format_iso_ms(kStart), 0, 0));
  EXPECT_EQ(named(spans, "Done").parent_id, roots[1]->span_id);
}

// Only the iteration that failed runs again, below the redriven Map state.
TEST(Project, IterationThatIsRedriven_HasItsMapStateAroundIt) {
  using enum history::EventType;
  testing::HistoryBuilder history(kStart);
  history.add(kExecutionStarted, 0);
  history.add(kMapStateEntered, 0, "Each");
  const uint64_t started = history.add(kMapStateStarted, 0).id;
  for (int64_t i = 0; i < 2; ++i) {
    history::Event& iteration = history.add(kMapIterationStarted, 0, "Each");
    iteration.number = i;
    iteration.previous_id = started;
    const uint64_t previous = iteration.id;
    const auto scope = static_cast<history::ScopeId>(i + 1);
    history.add(kTaskStateEntered, 0, "Step", scope).previous_id = previous;
    history.schedule(0).scope = scope;
    if (i == 0) {
      history.add(kTaskSucceeded, 5).scope = scope;
      history.add(kTaskStateExited, 5, "Step", scope);
      history.add(kMapIterationSucceeded, 5, "Each").number = i;
    } else {
      history.fail(kTaskFailed, 6, "Broken", "no").scope = scope;
      history.add(kMapIterationFailed, 6, "Each").number = i;
    }
  }
  history.add(kMapStateFailed, 6);
  history.fail(kExecutionFailed, 6, "Broken", "no");
  history.add(kExecutionRedriven, 100).number = 1;
  history.schedule(100).scope = 2;
  history.add(kTaskSucceeded, 110).scope = 2;
  history.add(kTaskStateExited, 110, "Step", 2);
  history.add(kMapIterationSucceeded, 110, "Each").number = 1;
  history.add(kMapStateSucceeded, 110);
  history.add(kMapStateExited, 110, "Each");
  history.add(kExecutionSucceeded, 110);
  ExecutionTrace execution;
  execution.arn = "arn:e";
  execution.name = "e";
  execution.start_ms = kStart;
  execution.events = history.take();
  const auto spans = project_execution(execution, {});
  const auto maps = all_named(spans, "Each");
  const auto again = all_named(spans, "Each[1]");
  const auto steps = all_named(spans, "Step");
  ASSERT_EQ(maps.size(), 2u);
  ASSERT_EQ(again.size(), 2u);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(all_named(spans, "Each[0]").size(), 1u);
  EXPECT_EQ(maps[0]->status, ExecutionStatus::kFailed);
  EXPECT_EQ(maps[1]->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(maps[1]->start_us, (kStart + 100) * 1'000);
  EXPECT_EQ(again[1]->parent_id, maps[1]->span_id);
  EXPECT_EQ(again[1]->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(again[1]->attribute("item_index"), "1");
  EXPECT_EQ(steps[2]->parent_id, again[1]->span_id);
  EXPECT_EQ(spans[0].duration_us, 6'000);
  std::set<uint64_t> ids;
  for (const Span& span : spans) EXPECT_TRUE(ids.insert(span.span_id).second) << span.name;
}

TEST(Project, MapRunThatIsRedriven_HasASpanInEach) {
  using enum history::EventType;
  TraceSource source = testing::fan_out(3);
  testing::HistoryBuilder history(kStart);
  history.add(kExecutionStarted, 0);
  history.add(kMapStateEntered, 0, "ProcessImageMap");
  history.add(kMapStateStarted, 0);
  history.add(kMapRunStarted, 0).name = source.map_runs[0].arn;
  history.fail(kMapRunFailed, 50, "States.ExceedToleratedFailureThreshold", "");
  history.fail(kExecutionFailed, 50, "States.ExceedToleratedFailureThreshold", "");
  history.add(kExecutionRedriven, 100).number = 1;
  history.add(kMapRunRedriven, 100).name = source.map_runs[0].arn;
  history.add(kMapRunSucceeded, 200);
  history.add(kMapStateSucceeded, 200);
  history.add(kMapStateExited, 200, "ProcessImageMap");
  history.add(kExecutionSucceeded, 200);
  source.parent.events = history.take();
  const auto spans = spans_of(source);
  const auto runs = all_named(spans, "Map Run");
  const auto states = all_named(spans, "ProcessImageMap");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]->span_id, high_hash(source.map_runs[0].arn));
  EXPECT_EQ(runs[0]->status, ExecutionStatus::kFailed);
  EXPECT_EQ(runs[1]->span_id, high_hash(source.map_runs[0].arn + "#redrive#1"));
  EXPECT_EQ(runs[1]->status, ExecutionStatus::kSucceeded);
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(runs[1]->parent_id, states[1]->span_id);
  EXPECT_EQ(states[1]->status, ExecutionStatus::kSucceeded);
}

void expect_one_tree(const ExecutionTrace& execution) {
  const auto spans = project_execution(execution, {});
  EXPECT_FALSE(spans.empty());
  for (const Span& span : spans) {
    EXPECT_EQ(span.depth == 0, span.kind == SpanKind::kExecution) << span.name;
  }
}

void cut_anywhere(const std::vector<history::Event>& events) {
  for (size_t from = 0; from < events.size(); ++from) {
    ExecutionTrace part;
    part.start_ms = kStart;
    part.events.assign(events.begin() + static_cast<ptrdiff_t>(from), events.end());
    expect_one_tree(part);
    part.events.assign(events.begin(), events.begin() + static_cast<ptrdiff_t>(from));
    expect_one_tree(part);
    part.events = events;
    part.events.erase(part.events.begin() + static_cast<ptrdiff_t>(from));
    expect_one_tree(part);
  }
}

TEST(Project, EventsCutAnywhere_NeverBreak) {
  for (const TraceSource& source : {testing::mixed(), testing::redriven()}) {
    cut_anywhere(source.parent.events);
  }
}

}  // namespace
}  // namespace weft::trace
