#include "engine/replay.h"

#include <functional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "asl/compile.h"

namespace weft::engine {
namespace {

using history::Event;
using history::EventType;

// T, a Task; P, a Parallel of one branch; M, an inline Map.
constexpr const char* kDefinition = R"({"QueryLanguage":"JSONata","StartAt":"T","States":{
  "T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Next":"P",
       "Retry":[{"ErrorEquals":["States.ALL"]}]},
  "P":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}],"Next":"M"},
  "M":{"Type":"Map","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Succeed"}}},"End":true}}})";

class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    auto compiled = asl::compile(base::Text(kDefinition), {});
    ASSERT_NE(compiled.program, nullptr);
    state_.program = compiled.program;
  }
  asl::StateId id_of(std::string_view name) const {
    for (asl::StateId id = 0; id < state_.program->states.size(); ++id) {
      if (state_.program->state(id).name == name) return id;
    }
    return asl::kNoState;
  }
  Event event(EventType type, std::string_view state, ScopeId scope = 0, int64_t number = 0,
              const char* text = "{}") const {
    return {.type = type,
            .id = history::is_internal(type) ? 0 : state_.last_event_id + 1,
            .scope = scope,
            .state = id_of(state),
            .text = base::Text(text),
            .number = number};
  }
  void take(const Event& next) {
    ASSERT_EQ(misfit(state_, next), "") << history::to_string(next.type);
    apply(state_, next);
  }
  // Events that cannot come at any moment of this execution but its beginning.
  std::vector<Event> foreign() const {
    using enum EventType;
    std::vector<Event> events = {
        event(kExecutionStarted, ""),
        event(kTaskStateEntered, "T", 7),
        event(kTaskStateEntered, "none"),
        event(kPassStateExited, "T", 0, 1'000'000),
        event(kParallelStateStarted, "T"),
        event(kMapStateStarted, "T", 0, 1),
        event(kMapStateStarted, "M", 0, 1'000'000'000),
        event(kMapStateStarted, "M", 0, -1),
        event(kMapIterationStarted, "M", 0, 5),
        event(kMapIterationStarted, "P", 0, 0),
        event(kMapRunSucceeded, "M"),
        event(kMapRunFailed, "M"),
        event(kWeftRetryScheduled, "T", 7),
    };
    Event gap = event(kExecutionFailed, "");
    gap.id += 1;
    events.push_back(gap);
    Event again = event(kExecutionFailed, "");
    again.id -= 1;
    events.push_back(again);
    Event retrier = event(kWeftRetryScheduled, "T");
    retrier.count = 4'000'000'000;
    events.push_back(retrier);
    return events;
  }

  ExecutionState state_;
};

TEST_F(ReplayTest, EventsOfAnExecution_FitAndForeignOnesNever) {
  using enum EventType;
  take(event(kExecutionStarted, ""));
  const std::vector<std::function<Event()>> history = {
      [&] { return event(kTaskStateEntered, "T"); },
      [&] { return event(kLambdaFunctionScheduled, "T"); },
      [&] { return event(kLambdaFunctionStarted, "T"); },
      [&] { return event(kLambdaFunctionFailed, "T"); },
      [&] { return event(kWeftRetryScheduled, "T"); },
      [&] { return event(kLambdaFunctionScheduled, "T"); },
      [&] { return event(kLambdaFunctionSucceeded, "T"); },
      [&] { return event(kTaskStateExited, "T", 0, id_of("P")); },
      [&] { return event(kParallelStateEntered, "P"); },
      [&] { return event(kParallelStateStarted, "P"); },
      [&] { return event(kSucceedStateEntered, "B", 1); },
      [&] { return event(kSucceedStateExited, "B", 1, -1); },
      [&] { return event(kParallelStateSucceeded, "P"); },
      [&] { return event(kParallelStateExited, "P", 0, id_of("M")); },
      [&] { return event(kMapStateEntered, "M"); },
      [&] {
        Event started = event(kMapStateStarted, "M", 0, 2, "[1,2]");
        started.count = 2;
        return started;
      },
      [&] { return event(kMapIterationStarted, "M", 0, 0); },
      [&] { return event(kMapIterationStarted, "M", 0, 1); },
      [&] { return event(kSucceedStateEntered, "I", 2); },
      [&] { return event(kSucceedStateExited, "I", 2, -1); },
      [&] { return event(kMapIterationSucceeded, "M"); },
  };
  for (const auto& next : history) {
    for (const Event& one : foreign()) {
      EXPECT_NE(misfit(state_, one), "")
          << history::to_string(one.type) << " after " << state_.last_event_id;
    }
    take(next());
  }
  take(event(kExecutionAborted, ""));
  for (const Event& one : foreign()) EXPECT_NE(misfit(state_, one), "");
  EXPECT_NE(misfit(state_, event(kExecutionAborted, "")), "");
}

TEST_F(ReplayTest, AnswersOfATaskThatIsNotOut_DoNotFit) {
  using enum EventType;
  take(event(kExecutionStarted, ""));
  take(event(kTaskStateEntered, "T"));
  for (const EventType type :
       {kTaskSubmitted, kActivityStarted, kTaskSucceeded, kLambdaFunctionFailed}) {
    EXPECT_EQ(misfit(state_, event(type, "T")), "answers a task that is not out");
  }
  EXPECT_EQ(misfit(state_, event(kMapIterationSucceeded, "T")), "ends an iteration of no Map");
}

}  // namespace
}  // namespace weft::engine
