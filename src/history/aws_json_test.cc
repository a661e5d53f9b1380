#include "history/aws_json.h"

#include <gtest/gtest.h>

namespace weft::history {
namespace {

using base::Text;

std::string json_of(const Event& event, bool with_data = true) {
  std::string out;
  append_history_event(event, with_data, out, "eu-west-1");
  return out;
}

Event event_of(EventType type) {
  Event event;
  event.type = type;
  event.id = 3;
  event.previous_id = 2;
  event.time_ms = 1'719'232'345'007;
  return event;
}

constexpr std::string_view kHead = R"({"timestamp":1719232345.007,"type":")";

std::string expected(std::string_view type, std::string_view details) {
  return std::string(kHead) + std::string(type) + R"(","id":3,"previousEventId":2)" +
         std::string(details) + "}";
}

TEST(AwsJson, ExecutionStarted_HasInputAndRole) {
  Event event = event_of(EventType::kExecutionStarted);
  event.text = Text("{\"a\": \"\x01\n\"}");
  event.resource = "arn:role";
  EXPECT_EQ(json_of(event),
            expected("ExecutionStarted",
                     R"(,"executionStartedEventDetails":{"input":"{\"a\": \"\u0001\n\"}",)"
                     R"("inputDetails":{"truncated":false},"roleArn":"arn:role"})"));
}

TEST(AwsJson, FailureWithoutError_HasEmptyDetails) {
  EXPECT_EQ(json_of(event_of(EventType::kExecutionAborted)),
            expected("ExecutionAborted", R"(,"executionAbortedEventDetails":{})"));
}

TEST(AwsJson, FailureWithErrorAndCause_ShowsBoth) {
  Event event = event_of(EventType::kExecutionFailed);
  event.error = "E";
  event.cause = "C \"q\"";
  EXPECT_EQ(json_of(event), expected("ExecutionFailed", R"(,"executionFailedEventDetails":)"
                                                        R"({"error":"E","cause":"C \"q\""})"));
}

TEST(AwsJson, StateExited_ShowsAssignedVariables) {
  Event event = event_of(EventType::kPassStateExited);
  event.name = "P";
  event.text = Text("1");
  event.variables = {{"x", Text("[1]")}, {"y", Text("\"s\"")}};
  EXPECT_EQ(json_of(event),
            expected("PassStateExited", R"(,"stateExitedEventDetails":{"name":"P","output":"1",)"
                                        R"("outputDetails":{"truncated":false},)"
                                        R"("assignedVariables":{"x":"[1]","y":"\"s\""},)"
                                        R"("assignedVariablesDetails":{"truncated":false}})"));
  EXPECT_EQ(json_of(event, false),
            expected("PassStateExited", R"(,"stateExitedEventDetails":{"name":"P"})"));
}

TEST(AwsJson, TaskScheduled_ShowsRegionParametersAndTimeouts) {
  Event event = event_of(EventType::kTaskScheduled);
  event.resource = "invoke";
  event.resource_type = "lambda";
  event.text = Text("{}");
  event.timeout_seconds = 5;
  event.heartbeat_seconds = 2;
  EXPECT_EQ(
      json_of(event),
      expected("TaskScheduled", R"(,"taskScheduledEventDetails":{"resourceType":"lambda",)"
                                R"("resource":"invoke","region":"eu-west-1","parameters":"{}",)"
                                R"("timeoutInSeconds":5,"heartbeatInSeconds":2})"));
}

TEST(AwsJson, MapEvents_ShowLengthIndexAndRun) {
  Event event = event_of(EventType::kMapStateStarted);
  event.number = 12;
  EXPECT_EQ(json_of(event), expected("MapStateStarted", R"(,"mapStateStartedEventDetails":)"
                                                        R"({"length":12})"));
  event.type = EventType::kMapIterationStarted;
  event.name = "M";
  event.number = 0;
  EXPECT_EQ(json_of(event), expected("MapIterationStarted", R"(,"mapIterationStartedEventDetails":)"
                                                            R"({"name":"M","index":0})"));
  event.type = EventType::kMapRunStarted;
  event.name = "arn:run";
  EXPECT_EQ(json_of(event), expected("MapRunStarted", R"(,"mapRunStartedEventDetails":)"
                                                      R"({"mapRunArn":"arn:run"})"));
  EXPECT_EQ(json_of(event_of(EventType::kMapRunSucceeded)), expected("MapRunSucceeded", ""));
}

TEST(AwsJson, EvaluationFailed_LeavesOutAnEmptyLocation) {
  Event event = event_of(EventType::kEvaluationFailed);
  event.name = "S";
  event.error = "States.QueryEvaluationError";
  event.cause = "c";
  EXPECT_EQ(json_of(event),
            expected("EvaluationFailed", R"(,"evaluationFailedEventDetails":)"
                                         R"({"error":"States.QueryEvaluationError","cause":"c",)"
                                         R"("state":"S"})"));
}

TEST(AwsJson, EveryPublicType_ClosesItsBraces) {
  for (size_t i = 0; i < kEventTypeCount; ++i) {
    auto type = static_cast<EventType>(i);
    if (is_internal(type)) continue;
    std::string json = json_of(event_of(type));
    EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::count(json.begin(), json.end(), '}'));
    if (std::string_view member = details_member(type); !member.empty()) {
      EXPECT_NE(json.find(member), std::string::npos) << json;
    }
  }
}

}  // namespace
}  // namespace weft::history
