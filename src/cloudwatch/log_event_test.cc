#include "cloudwatch/log_event.h"

#include <gtest/gtest.h>

#include "cloudwatch/event_details.h"

namespace weft::cloudwatch {
namespace {

using history::EventType;

const std::string kLineArn = "arn:aws:states:us-east-1:000000000000:execution:m:e";

TEST(LogLine, Line_ReadsAsTheEvent) {
  const auto line = parse_log_line(
      R"({"id":"1","type":"ExecutionStarted","details":{"input":"{\"a\":1}","inputDetails":{"truncated":true},"roleArn":"arn:r"},)"
      R"("previous_event_id":"0","event_timestamp":"1719232345123","execution_arn":")" +
      kLineArn + R"(","map_run_arn":"arn:aws:states:x","redrive_count":"2","other":[1]})");
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->execution_arn, kLineArn);
  EXPECT_EQ(line->map_run_arn, "arn:aws:states:x");
  EXPECT_EQ(line->redrive_count, 2u);
  EXPECT_TRUE(line->truncated);
  EXPECT_EQ(line->event.type, EventType::kExecutionStarted);
  EXPECT_EQ(line->event.time_ms, 1719232345123);
  EXPECT_EQ(line->event.text.view(), R"({"a":1})");
  EXPECT_EQ(line->event.resource, "arn:r");
}

TEST(LogLine, WrongMembers_AreNamed) {
  EXPECT_EQ(parse_log_line("[]").error().message, "the line is not a JSON object");
  EXPECT_EQ(parse_log_line(R"({"type":"Nope"})").error().message,
            "'type' is not the name of a history event");
  EXPECT_EQ(parse_log_line(R"({"type":"TaskStarted","id":"x"})").error().message,
            "'id' is not the number of an event");
  EXPECT_EQ(parse_log_line(R"({"type":"WeftRetryScheduled","id":"1"})").error().message,
            "'type' is not the name of a history event");
  EXPECT_EQ(
      parse_log_line(
          R"({"type":"TaskStarted","id":3,"previous_event_id":2,"event_timestamp":5,"execution_arn":"e"})")
          .error()
          .message,
      "'execution_arn' is not an ARN");
}

// One event of each type with every member its details have.
history::Event full_event(EventType type) {
  history::Event event{.type = type, .id = 7, .previous_id = 6, .time_ms = 1719232345123};
  event.text = base::Text(R"({"t": "é\u0001"})");
  event.name = "N";
  event.resource = "invoke";
  event.resource_type = "lambda";
  event.error = "E";
  event.cause = "because \"so\"";
  event.timeout_seconds = 5;
  event.heartbeat_seconds = 2;
  event.number = 3;
  event.variables = {{"v", base::Text("[1]")}};
  return event;
}

TEST(LogLine, EveryType_SurvivesWritingAndReading) {
  for (size_t i = 0; i < history::kEventTypeCount; ++i) {
    const auto type = static_cast<EventType>(i);
    if (history::is_internal(type)) continue;
    std::string text;
    append_log_line({.execution_arn = kLineArn, .event = full_event(type)}, {}, text);
    const auto line = parse_log_line(text);
    ASSERT_TRUE(line) << text << line.error().message;
    std::string again;
    append_log_line(*line, {}, again);
    EXPECT_EQ(again, text);
  }
}

TEST(LogLine, WeftMember_CarriesWhatAwsDoesNotLog) {
  LogEvent line{.execution_arn = kLineArn, .event = full_event(EventType::kTaskSucceeded)};
  line.event.timing = history::InvocationTiming{1, 2, 3, 4, 5};
  line.child = ChildFacts{.index = 9, .items = 2, .duration_us = 77};
  std::string text;
  append_log_line(line, {}, text);
  const auto read = parse_log_line(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->event.timing, line.event.timing);
  EXPECT_EQ(read->child, line.child);
  text.clear();
  append_log_line(line, {.weft_member = false}, text);
  EXPECT_EQ(text.find("weft"), std::string::npos);
}

TEST(LogLine, LongPayload_IsCutWhereAwsCutsItAndSaysSo) {
  LogEvent line{.execution_arn = kLineArn, .event = full_event(EventType::kTaskSucceeded)};
  const auto read = [&](std::string payload, bool aws) {
    line.event.text = base::Text(std::move(payload));
    std::string text;
    append_log_line(line, {.weft_member = !aws}, text);
    const auto parsed = parse_log_line(text);
    EXPECT_TRUE(parsed) << text.substr(0, 200);
    return std::pair(parsed->event.text.str(), parsed->truncated);
  };
  const std::string fits(kPayloadBytesMax, 'a');
  EXPECT_EQ(read(fits, true), std::pair(fits, false));
  EXPECT_EQ(read(fits + "b", true), std::pair(fits, true));
  EXPECT_EQ(read(fits + "b", false), std::pair(fits + "b", false));
  // Counted as it is written: a quote takes two bytes, and no character is cut in two.
  EXPECT_EQ(read(std::string(kPayloadBytesMax, '"'), true),
            std::pair(std::string(kPayloadBytesMax / 2, '"'), true));
  EXPECT_EQ(read("a" + std::string(kPayloadBytesMax, '"'), true),
            std::pair("a" + std::string(kPayloadBytesMax / 2 - 1, '"'), true));
  std::string euros;
  for (size_t i = 0; i < kPayloadBytesMax / 3 + 1; ++i) euros += "€";
  EXPECT_EQ(read(euros, true), std::pair(euros.substr(0, euros.size() - 3), true));
}

TEST(LogLine, WithoutExecutionData_PayloadsAreLeftOut) {
  std::string text;
  append_log_line({.execution_arn = kLineArn, .event = full_event(EventType::kTaskSucceeded)},
                  {.execution_data = false}, text);
  EXPECT_EQ(
      text,
      R"({"id":"7","type":"TaskSucceeded","details":{"resourceType":"lambda","resource":"invoke"},)"
      R"("previous_event_id":"6","event_timestamp":"1719232345123","execution_arn":")" +
          kLineArn + "\",\"redrive_count\":\"0\"}\n");
}

}  // namespace
}  // namespace weft::cloudwatch
