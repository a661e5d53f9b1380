#include "reading/measured_history.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "columns/execution_metrics.h"
#include "history/codec.h"
#include "trace/identity.h"

namespace weft::reading {
namespace {

using columns::ExecutionMetrics;
using columns::labels_of;
using columns::state_rows;

using history::Event;
using history::EventType;

Event event(EventType type, base::UnixMs time_ms, const std::string& name = "") {
  Event made{.type = type, .time_ms = time_ms};
  made.name = name;
  if (history::is_state_entered(type) || history::is_state_exited(type)) made.state = 3;
  return made;
}

Event failed(EventType type, base::UnixMs time_ms, const std::string& error) {
  Event made = event(type, time_ms);
  made.error = error;
  return made;
}

// A child whose function fails once, is tried again after 1 s and then succeeds.
std::vector<Event> retried(base::UnixMs start) {
  Event retry = event(EventType::kWeftRetryScheduled, start + 110);
  retry.number = start + 1'110;
  Event succeeded = event(EventType::kTaskSucceeded, start + 1'310);
  succeeded.timing =
      history::InvocationTiming{.queued_us = 30'000, .init_us = 50'000, .run_us = 120'000};
  return {event(EventType::kExecutionStarted, start),
          event(EventType::kTaskStateEntered, start + 10, "Resize"),
          event(EventType::kTaskScheduled, start + 10),
          event(EventType::kTaskStarted, start + 10),
          failed(EventType::kTaskFailed, start + 110, "Slow"),
          retry,
          event(EventType::kTaskScheduled, start + 1'110),
          event(EventType::kTaskStarted, start + 1'110),
          succeeded,
          event(EventType::kTaskStateExited, start + 1'310, "Resize"),
          event(EventType::kExecutionSucceeded, start + 1'320)};
}

const ExecutionMetrics::Kind kChild{
    .machine_name = "m", .machine_arn = "arn:m", .map_label = "L", .child = true};
const ExecutionMetrics::Kind kParent{.machine_name = "m", .machine_arn = "arn:m"};

metrics::Labels labels(const ExecutionMetrics::Kind& kind, metrics::Labels more) {
  metrics::Labels all = labels_of(kind);
  all.insert(all.end(), more.begin(), more.end());
  std::ranges::sort(all);
  return all;
}

uint64_t counter(const ExecutionMetrics& measured, std::string_view name,
                 const metrics::Labels& of) {
  const auto family = measured.registry().counters().find(name);
  if (family == measured.registry().counters().end()) return 0;
  const auto found = family->second.find(of);
  return found == family->second.end() ? 0 : found->second;
}

const metrics::Sketch& sketch(const ExecutionMetrics& measured, std::string_view name,
                              const metrics::Labels& of) {
  return measured.registry().distributions().find(name)->second.at(of);
}

// A backend goes from a metric to the spans it counts by these.
TEST(ExecutionMetrics, Labels_AreAttributesOfTheSpans) {
  const std::string arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
  const std::string execution = "arn:aws:states:us-east-1:000000000000:execution:m";
  for (const bool child : {false, true}) {
    const std::string map = child ? "/L" : "";
    const trace::Attributes attributes = trace::identity_of_execution(
        {.arn = execution + map + ":e", .name = "e", .machine = "m" + map}, {.map_child = child});
    for (const auto& label : labels_of({.machine_name = "m",
                                        .machine_arn = arn,
                                        .map_label = child ? "L" : "",
                                        .child = child})) {
      EXPECT_NE(std::ranges::find(attributes, label), attributes.end()) << label.first;
    }
  }
}

TEST(ExecutionMetrics, Child_CountsItsAttemptsTimesAndOutcome) {
  ExecutionMetrics metrics;
  auto child = metrics.begin(kChild);
  metrics.record(child, retried(1'000));
  const auto state = labels(kChild, {{"stepname", "Resize"}});
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.execution.started", labels(kChild, {})), 1u);
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.execution.succeeded", labels(kChild, {})), 1u);
  EXPECT_EQ(counter(metrics, "weft.map.children.succeeded", labels(kChild, {})), 1u);
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.state.invocation_count", state), 1u);
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.task.execution.tasks_started", state), 2u);
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.task.execution.tasks_succeeded", state), 1u);
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.task.execution.tasks_failed",
                    labels(kChild, {{"stepname", "Resize"}, {"error.type", "Slow"}})),
            1u);
  EXPECT_EQ(counter(metrics, "weft.state.retries", state), 1u);
  EXPECT_EQ(counter(metrics, "weft.task.cold_starts", state), 1u);
  const auto ok = labels(kChild, {{"stepname", "Resize"}, {"status", "succeeded"}});
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.state.duration", ok).sum(), 1'300'000);
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.state.run_duration", state).count(), 2u);
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.state.run_duration", state).sum(), 300'000);
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.state.retry_count", state).sum(), 1);
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.task.execution.task_duration", ok).sum(), 200'000);
  EXPECT_EQ(sketch(metrics, "weft.state.schedule_time", state).sum(), 30'000);
  EXPECT_EQ(sketch(metrics, "weft.task.cold_start", state).sum(), 50'000);
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.execution.execution_time",
                   labels(kChild, {{"status", "succeeded"}}))
                .sum(),
            1'320'000);
}

TEST(ExecutionMetrics, ParentAndChild_OfOneStateNameStayApart) {
  ExecutionMetrics metrics;
  auto child = metrics.begin(kChild);
  auto parent = metrics.begin(kParent);
  metrics.record(child, retried(0));
  metrics.record(parent, std::vector<Event>{event(EventType::kExecutionStarted, 0),
                                            event(EventType::kTaskStateEntered, 0, "Resize"),
                                            failed(EventType::kExecutionFailed, 9'000, "X")});
  const auto rows = state_rows(metrics.registry());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_FALSE(rows[0].child);
  EXPECT_EQ(rows[0].failed, 1u);
  EXPECT_EQ(rows[0].max_us, 9'000'000);
  EXPECT_TRUE(rows[1].child);
  EXPECT_EQ(rows[1].map_label, "L");
  EXPECT_EQ(rows[1].failed, 0u);
  EXPECT_EQ(rows[1].max_us, 1'300'000);
}

TEST(ExecutionMetrics, TimeRange_CountsOnlyWhatHappensInIt) {
  ExecutionMetrics metrics(1'000, 1'400);
  auto child = metrics.begin(kChild);
  metrics.record(child, retried(0));
  EXPECT_EQ(counter(metrics, "aws.states.enhanced.execution.started", labels(kChild, {})), 0u);
  const auto ok = labels(kChild, {{"stepname", "Resize"}, {"status", "succeeded"}});
  EXPECT_EQ(sketch(metrics, "aws.states.enhanced.state.duration", ok).sum(), 1'300'000);
}

TEST(ExecutionMetrics, ManyErrorTypes_AreBounded) {
  ExecutionMetrics metrics;
  auto child = metrics.begin(kChild);
  metrics.record(child, std::vector<Event>{event(EventType::kTaskStateEntered, 0, "Resize")});
  for (int i = 0; i < 500; ++i) {
    metrics.record(child,
                   std::vector<Event>{failed(EventType::kTaskFailed, 1, "E" + std::to_string(i))});
  }
  EXPECT_LE(metrics.registry()
                .counters()
                .find("aws.states.enhanced.task.execution.tasks_failed")
                ->second.size(),
            51u);
}

class MeasureHistory : public testing::Test {
 protected:
  MeasureHistory() {
    const records::ExecutionRecord parent{.key = {0, 1},
                                          .name = "e",
                                          .machine_name = "m",
                                          .machine_arn = "arn:m",
                                          .status = history::ExecutionStatus::kSucceeded,
                                          .start_ms = 1'000,
                                          .stop_ms = 9'000};
    put(store::Family::kExecution, records::execution_key(parent.key), records::encode(parent));
    put(store::Family::kExecutionMapRun, records::execution_map_run_key(parent.key, 1), "");
    put_run();
    for (uint64_t index = 0; index < 3; ++index) put_child(index);
  }
  void put(store::Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void put_run() { put(store::Family::kMapRun, records::map_run_key(1), records::encode(run_)); }
  void put_child(uint64_t index) {
    const std::vector<Event> events = retried(2'000);
    std::string first;
    std::string second;
    history::encode_turn({{events.begin(), events.begin() + 4}}, first);
    history::encode_turn({{events.begin() + 4, events.end()}}, second);
    put(store::Family::kTurn, records::turn_key({1, index}, 0), first);
    put(store::Family::kTurn, records::turn_key({1, index}, 1), second);
  }
  // Of the only state there is.
  uint64_t children(const MeasuredRange& range) {
    const auto rows = state_rows(*measure_history(query_, range, &kept_));
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? 0 : rows[0].count;
  }

  records::MapRunRecord run_{.number = 1, .label = "L", .machine_name = "m", .start_ms = 1'000};
  const std::unique_ptr<store::Store> store_ = store::open_memory();
  const Query query_{*store_, arn::Home{}};
  MeasuredRuns kept_;
};

TEST_F(MeasureHistory, OfAStore_MeasuresParentsAndChildren) {
  auto measured = measure_history(query_, {});
  ASSERT_TRUE(measured);
  const auto rows = state_rows(*measured);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].state, "Resize");
  EXPECT_EQ(rows[0].count, 3u);
  const auto unknown = measure_history(query_, {.machine = "other"});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("other"), std::string::npos) << unknown.error().message;
  EXPECT_TRUE(state_rows(*measure_history(query_, {.to_ms = 500})).empty());
}

// On several cores, each a part of the children.
TEST_F(MeasureHistory, OfManyChildren_MeasuresEachOnce) {
  constexpr uint64_t kChildren = 10'007;
  for (uint64_t index = 3; index < kChildren; ++index) put_child(index);
  run_.status = records::MapRunStatus::kSucceeded;
  run_.stop_ms = 9'000;
  run_.executions.total = kChildren - 2;  // as told: those beyond are measured all the same
  put_run();
  EXPECT_EQ(children({}), kChildren);
}

// Turns that nobody tells of show what is read.
TEST_F(MeasureHistory, OfAMapRunThatIsOver_IsReadOnce) {
  EXPECT_EQ(children({}), 3u);
  put_child(3);
  EXPECT_EQ(children({}), 4u);  // it still ran
  run_.status = records::MapRunStatus::kSucceeded;
  run_.stop_ms = 9'000;
  put_run();
  EXPECT_EQ(children({}), 4u);
  put_child(4);
  EXPECT_EQ(children({}), 4u);
  EXPECT_EQ(children({.from_ms = 1'000, .to_ms = 9'001}), 4u);
  EXPECT_EQ(children({.to_ms = 9'000}), 5u);  // more may have happened in it later
  run_.revision = 1;
  put_run();
  EXPECT_EQ(children({}), 5u);
}

}  // namespace
}  // namespace weft::reading
