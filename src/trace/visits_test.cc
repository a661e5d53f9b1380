#include "trace/visits.h"

#include <gtest/gtest.h>

#include "trace/project.h"
#include "trace/redriven_histories.h"

namespace weft::trace {
namespace {

using history::ExecutionStatus;

const Visit* named(const std::vector<Visit>& visits, std::string_view name) {
  const Visit* found = nullptr;
  for (const Visit& visit : visits) {
    if (visit.first().name != name) continue;
    EXPECT_EQ(found, nullptr) << name << " was entered twice";
    found = &visit;
  }
  return found;
}

TEST(Visits, RedriveGoesOnWithTheVisitThatFailed) {
  const TraceSource source = testing::redriven();
  const auto spans = project_execution(source.parent, {});
  const auto visits = state_visits(spans);
  ASSERT_EQ(visits.size(), 3u);
  const Visit* call = named(visits, "Call");
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->spans.size(), 2u);
  EXPECT_EQ(call->outcome(), VisitOutcome::kSucceeded);
  EXPECT_EQ(call->duration_us(), 49'000 + 100'000);
  EXPECT_EQ(call->attribute("next_state"), "Done");
}

TEST(Visits, EveryIterationAndEveryLoopIsAVisit) {
  const auto spans = project_execution(testing::mixed().parent, {});
  size_t states = 0;
  for (const Span& span : spans) states += span.kind == SpanKind::kState ? 1 : 0;
  EXPECT_EQ(state_visits(spans).size(), states);
}

TEST(Visits, AbortedIsNeitherFailedNorSucceeded) {
  Span span{.name = "Resize", .status = ExecutionStatus::kAborted};
  const auto outcome = [&](ExecutionStatus status, bool caught = false) {
    span.status = status;
    span.attributes.clear();
    if (caught) span.attributes.emplace_back("error.caught", "true");
    return state_visits({span}).size() == 1 ? Visit{.spans = {&span}}.outcome()
                                            : VisitOutcome::kRunning;
  };
  EXPECT_EQ(outcome(ExecutionStatus::kAborted), VisitOutcome::kAborted);
  EXPECT_EQ(outcome(ExecutionStatus::kTimedOut), VisitOutcome::kFailed);
  EXPECT_EQ(outcome(ExecutionStatus::kFailed), VisitOutcome::kFailed);
  EXPECT_EQ(outcome(ExecutionStatus::kFailed, true), VisitOutcome::kCaught);
  EXPECT_EQ(outcome(ExecutionStatus::kSucceeded), VisitOutcome::kSucceeded);
  EXPECT_EQ(outcome(ExecutionStatus::kRunning), VisitOutcome::kRunning);
}

}  // namespace
}  // namespace weft::trace
