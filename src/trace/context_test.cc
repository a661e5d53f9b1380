#include "trace/context.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"

namespace weft::trace {
namespace {

std::optional<Context> of_input(std::string_view text) {
  json::Arena arena;
  return context_of_input(*json::parse(text, arena));
}

// The vectors below are those of the published libraries; ours must agree to the bit.
TEST(Context, RootExecutionWithState_IsTheStatesAttempt) {
  const auto context = of_input(
      R"({"_datadog":{"Execution":{"Id":"arn:aws:states:us-east-1:425362996713:execution:agocsTestSF:aa6c9316-713a-41d4-9c30-61131716744f"},)"
      R"("State":{"Name":"agocsTest1","EnteredTime":"2024-07-30T20:46:20.824Z"},)"
      R"("RootExecutionId":"arn:aws:states:sa-east-1:425362996713:execution:invokeJavaLambda:4875aba4-ae31-4a4c-bf8a-63e9eee31dad",)"
      R"("serverless-version":"v1"}})");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace.low, 1322229001489018110u);
  EXPECT_EQ(context->trace.high, 0x579d19b3ee216ee9u);
  EXPECT_EQ(context->span, 8947638978974359093u);
}

// What JSONPath state machines hand on (vectors 9 and 15 of the spec).
TEST(Context, CallerOfJsonPath_IsTheStateThatStartedIt) {
  const std::string caller =
      R"({"CONTEXT":{"Execution":{"Id":"arn:aws:states:us-east-1:425362996713:execution:agocsTestSF:bc9f281c-3daa-4e5a-9a60-471a3810bf44"%s},)"
      R"("State":{"Name":"agocsTest1","EnteredTime":"2024-07-30T19:55:53.018Z"},"StateMachine":{}}})";
  const auto with = [&](const std::string& more) {
    return std::string(caller).replace(caller.find("%s"), 2, more);
  };
  auto context = of_input(with(""));
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace.low, 5744042798732701615u);
  EXPECT_EQ(context->trace.high, 0x1914fe7789eb32beu);
  EXPECT_EQ(context->span, 2902498116043018663u);
  context = of_input(with(
      R"(,"Input":{"_datadog":{"x-datadog-trace-id":"12766418539254701015","x-datadog-parent-id":"7","x-datadog-tags":"_dd.p.tid=69f4ed3a00000000"}})"));
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace.low, 12766418539254701015u);
  EXPECT_EQ(context->span, 2902498116043018663u);
  context = of_input(with(
      R"(,"Input":{"CONTEXT":{"Execution":{"Id":"outermost"},"State":{"Name":"a","EnteredTime":"b"}}})"));
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace, trace_of_root("outermost"));
  EXPECT_EQ(context->span, 2902498116043018663u);
  EXPECT_FALSE(of_input(R"({"CONTEXT":{"Execution":{"Id":"x"}}})"));
}

TEST(Context, Headers_DatadogThenW3cThenXray) {
  std::map<std::string_view, std::string_view> headers;
  const auto read = [&] {
    return context_of_headers([&](std::string_view name) {
      const auto found = headers.find(name);
      return found == headers.end() ? std::string_view() : found->second;
    });
  };
  EXPECT_FALSE(read());
  headers["X-Amzn-Trace-Id"] =
      "Root=1-33089bd6-13b96f232a43448f556f1116;Parent=1eb5017046ae6f5f;Sampled=1";
  EXPECT_EQ(read()->span, 0x1eb5017046ae6f5fu);
  headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(read()->span, 0xb7ad6b7169203331u);
  headers["x-datadog-trace-id"] = "5";
  headers["x-datadog-parent-id"] = "77";
  EXPECT_EQ(read()->trace, (TraceId{.high = 0, .low = 5}));
  EXPECT_EQ(read()->span, 77u);
  headers["x-datadog-trace-id"] = "9532127138774266268";  // 0x8448eb211c80319c
  EXPECT_EQ(read()->trace.high, 0x0af7651916cd43ddu);
  EXPECT_EQ(read()->span, 0xb7ad6b7169203331u);
}

TEST(Context, TraceparentInDatadog_IsUsedWhenNothingElseIsThere) {
  const auto context = of_input(
      R"({"_datadog":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}})");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->span, 0xb7ad6b7169203331u);
}

TEST(Context, UpstreamTraceId_KeepsItsHighHalf) {
  const auto context = of_input(
      R"({"a":[{"_datadog":{"x-datadog-trace-id":"5821803790426892636","x-datadog-parent-id":"77","x-datadog-tags":"_dd.p.dm=-0,_dd.p.tid=672a7cb100000000"}}]})");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace.low, 5821803790426892636u);
  EXPECT_EQ(context->trace.high, 0x672a7cb100000000u);
  EXPECT_EQ(context->span, 77u);
}

TEST(Context, UpstreamTraceIdWithState_IsTheStatesAttempt) {
  const auto context = of_input(
      R"({"_datadog":{"Execution":{"Id":"arn:aws:states:us-east-1:425362996713:execution:agocsTestSF:aa6c9316-713a-41d4-9c30-61131716744f"},)"
      R"("State":{"Name":"agocsTest1","EnteredTime":"2024-07-30T20:46:20.824Z"},)"
      R"("x-datadog-trace-id":"5821803790426892636","x-datadog-tags":"_dd.p.dm=-0,_dd.p.tid=672a7cb100000000",)"
      R"("serverless-version":"v1"}})");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace, (TraceId{.high = 0x672a7cb100000000u, .low = 5821803790426892636u}));
  EXPECT_EQ(context->span, 8947638978974359093u);
}

TEST(Context, LegacyUpstreamTrace_IsFoundInTheInputOfTheExecution) {
  const auto context = of_input(
      R"({"CONTEXT":{"Execution":{"Input":{"_datadog":{"x-datadog-trace-id":"12766418539254701015",)"
      R"("x-datadog-tags":"_dd.p.dm=-0,_dd.p.tid=69f4ed3a00000000"}}}}})");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace, (TraceId{.high = 0x69f4ed3a00000000u, .low = 12766418539254701015u}));
}

TEST(Context, InputWithoutContext_GivesNone) {
  for (const char* text : {"{}", "[1]", "null", R"({"_datadog":1})",
                           R"({"_datadog":{"x-datadog-trace-id":"zero"}})"}) {
    EXPECT_FALSE(of_input(text).has_value()) << text;
  }
}

TEST(Context, XrayRoundTrip) {
  const Context context{.trace = {.high = 0x33089bd613b96f23, .low = 3045353155436941590},
                        .span = 2212676373656268639};
  EXPECT_EQ(xray_header(context),
            "Root=1-33089bd6-13b96f232a43448f556f1116;Parent=1eb5017046ae6f5f;Sampled=1");
  EXPECT_EQ(context_of_xray(xray_header(context)), context);
  EXPECT_EQ(
      context_of_xray(
          "Sampled=1;Parent=1eb5017046ae6f5f;Lineage=x;Root=1-33089bd6-13b96f232a43448f556f1116"),
      context);
  EXPECT_FALSE(context_of_xray("Root=nonsense").has_value());
}

TEST(Context, TraceparentRoundTrip) {
  const Context context{.trace = {.high = 1, .low = 2}, .span = 3};
  EXPECT_EQ(traceparent(context), "00-00000000000000010000000000000002-0000000000000003-01");
  EXPECT_EQ(context_of_traceparent(traceparent(context)), context);
  for (const char* text :
       {"", "00-0-0-0", "ff-00000000000000010000000000000002-0000000000000003-01",
        "00-00000000000000000000000000000000-0000000000000003-01",
        "00-00000000000000010000000000000002-0000000000000003-01-x"}) {
    EXPECT_FALSE(context_of_traceparent(text).has_value()) << text;
  }
}

TEST(Context, LambdaClientContext_IsJsonThatReadsBack) {
  const Context context{.trace = {.high = 5, .low = 6}, .span = 7};
  json::Arena arena;
  const std::string text = lambda_client_context(context);
  const auto parsed = json::parse(text, arena);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(context_of_input(*parsed), context);
}

}  // namespace
}  // namespace weft::trace
