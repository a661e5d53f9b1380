#include "telemetry/log_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "telemetry/log_join.h"
#include "telemetry/otlp_text.h"

namespace weft::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using trace::LogLine;

constexpr std::string_view kJsonType = R"({"resourceLogs":[{"scopeLogs":[{
  "scope":{"name":"orders"},
  "logRecords":[
    {"timeUnixNano":"1700000000000000100","severityNumber":13,"body":{"stringValue":"late"},
     "traceId":"33089bd613b96f232a43448f556f1116","spanId":"00000000000000a2",
     "attributes":[{"key":"n","value":{"intValue":"5"}},
                   {"key":"faas.invocation_id","value":{"stringValue":"r-1"}}]},
    {"observedTimeUnixNano":7,"severityText":"Notice",
     "body":{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"b"}}]}}}]}]}]})";

void expect_records(const std::vector<LogRecord>& records) {
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].trace.hex(), "33089bd613b96f232a43448f556f1116");
  const LogLine& first = records[0].line;
  EXPECT_EQ(first.time_ns, 1'700'000'000'000'000'100);
  EXPECT_EQ(first.source, LogLine::Source::kOtlp);
  EXPECT_EQ(first.span_id, 0xA2u);
  EXPECT_EQ(first.severity, "WARN");
  EXPECT_EQ(first.logger, "orders");
  EXPECT_EQ(first.text, "late");
  EXPECT_EQ(first.request_id, "r-1");
  EXPECT_THAT(first.attributes, ElementsAre(Pair("n", "5")));
  EXPECT_EQ(records[1].trace.low, 0u);
  const LogLine& second = records[1].line;
  EXPECT_EQ(second.time_ns, 7);
  EXPECT_EQ(second.severity, "Notice");
  EXPECT_EQ(second.text, R"({"a":"b"})");
}

TEST(OtlpLogs, Json_IsRead) {
  const auto records = decode_otlp_logs_json(kJsonType);
  ASSERT_TRUE(records) << records.error().message;
  expect_records(*records);
}

std::string protobuf_request() {
  const std::string first =
      otlp::fixed64(1, 1'700'000'000'000'000'100) + otlp::number(2, 13) +
      otlp::bytes(5, otlp::bytes(1, "late")) + otlp::attribute(6, "n", otlp::number(3, 5)) +
      otlp::attribute(6, "faas.invocation_id", otlp::bytes(1, "r-1")) +
      otlp::bytes(9, std::string_view(
                         "\x33\x08\x9b\xd6\x13\xb9\x6f\x23\x2a\x43\x44\x8f\x55\x6f\x11\x16", 16)) +
      otlp::bytes(10, std::string_view("\0\0\0\0\0\0\0\xA2", 8));
  const std::string second =
      otlp::fixed64(11, 7) + otlp::bytes(3, "Notice") +
      otlp::bytes(5, otlp::bytes(6, otlp::attribute(1, "a", otlp::bytes(1, "b"))));
  const std::string scope =
      otlp::bytes(1, otlp::bytes(1, "orders")) + otlp::bytes(2, first) + otlp::bytes(2, second);
  return otlp::bytes(1, otlp::bytes(2, scope));
}

TEST(OtlpLogs, Protobuf_IsReadToTheSame) {
  const auto records = decode_otlp_logs_protobuf(protobuf_request());
  ASSERT_TRUE(records) << records.error().message;
  expect_records(*records);
}

TEST(OtlpLogs, EveryCutAndEveryChangedByte_EndsInAnAnswer) {
  const std::string whole = protobuf_request();
  for (size_t i = 1; i < whole.size(); ++i) {
    EXPECT_FALSE(decode_otlp_logs_protobuf(whole.substr(0, i))) << i;
    for (int value = 0; value < 256; value += 5) {
      std::string changed = whole;
      changed[i] = static_cast<char>(value);
      (void)decode_otlp_logs_protobuf(changed);
    }
  }
}

TEST(OtlpLogs, MalformedJson_NamesTheField) {
  const auto wrong = decode_otlp_logs_json(
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"spanId":"x"}]}]}]})");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("'spanId' must be 16 hexadecimal digits"));
}

TEST(PrintedText, IsCutIntoLinesWithTheTimesTheyWereRead) {
  const auto lines = split_lines({.request_id = "r-1",
                                  .text = "one\ntwo\r\n\nthr\xFF",
                                  .read_at = {{4, 10}, {9, 20}, {14, 30}}},
                                 1'000);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].text, "one");
  EXPECT_EQ(lines[0].time_ns, 10);
  EXPECT_EQ(lines[1].text, "two");
  EXPECT_EQ(lines[1].time_ns, 20);
  EXPECT_EQ(lines[2].text, "thr?");
  EXPECT_EQ(lines[2].time_ns, 30);
  EXPECT_EQ(lines[2].request_id, "r-1");
}

TEST(PrintedText, LinesKnowTheirStream) {
  const auto lines = split_lines(
      {.text = "out\nerr\n\nmore\nout\nerr", .from_stderr = {{4, 14}, {18, 21}}}, 1'000);
  std::string sources;
  for (const trace::LogLine& line : lines) {
    EXPECT_NE(line.source, trace::LogLine::Source::kOtlp);
    sources += line.source == trace::LogLine::Source::kStderr ? 'e' : 'o';
  }
  EXPECT_EQ(sources, "oeeoe");
}

TEST(PrintedText, CarriageReturnsWithin_AreEndsOfLinesOfOneText) {
  const auto lines =
      split_lines({.request_id = "r-1", .text = "[ERROR] a: b\rTraceback:\r  c\r\nnext\n"}, 1'000);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "[ERROR] a: b\nTraceback:\n  c");
  EXPECT_EQ(lines[1].text, "next");
}

TEST(PrintedText, BeyondTheBound_KeepsTheEndAndCountsTheRest) {
  const PrintedText printed{
      .request_id = "r-1", .text = "one\ntwo\nthree\n", .read_at = {{14, 10}}, .lines_lost = 5};
  const auto lines = split_lines(printed, 2 * 16 + 8);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].not_kept, 6u);
  EXPECT_EQ(lines[0].time_ns, 10);
  EXPECT_EQ(lines[1].text, "two");
  EXPECT_EQ(lines[2].text, "three");
}

class LogJoin : public testing::Test {
 protected:
  LogJoin() {
    invocations_.add("r-1", {1, 10}, {1, 2}, 100);
    invocations_.add("r-2", {1, 11}, {1, 2}, 200);
  }
  // The attempt that a record is joined to, 0 for none.
  uint64_t attempt_of(LogRecord record, const CallAt& call_at = nullptr) {
    const JoinedLogs joined = join_logs({std::move(record)}, call_at, 99, invocations_);
    return joined.kept == 0 ? 0 : joined.blocks.front().lines.front().attempt;
  }
  static LogRecord record(uint64_t trace_low, uint64_t span, std::string request = "") {
    LogRecord record{.trace = {1, trace_low}};
    record.line.span_id = span;
    record.line.request_id = std::move(request);
    return record;
  }

  Invocations invocations_;
};

TEST_F(LogJoin, SpanThenRequestIdThenProcess) {
  const CallAt second = [](int64_t) { return std::string("r-2"); };
  EXPECT_EQ(attempt_of(record(2, 100), second), 100u);
  EXPECT_EQ(attempt_of(record(2, 555, "r-1"), second), 100u);
  EXPECT_EQ(attempt_of(record(2, 555), second), 200u);
  EXPECT_EQ(attempt_of(record(0, 0), second), 200u);
  EXPECT_EQ(attempt_of(record(77, 5), second), 200u) << "a trace of the function's own";
  EXPECT_EQ(attempt_of(record(0, 0)), 0u) << "nothing says whose it is";
}

TEST_F(LogJoin, OnlyTheTraceIsKnown_BelongsToTheExecution) {
  const JoinedLogs joined = join_logs({record(2, 555)}, nullptr, 99, invocations_);
  ASSERT_EQ(joined.kept, 1u);
  EXPECT_EQ(joined.blocks.front().lines.front().attempt, 0u);
  EXPECT_EQ(joined.blocks.front().lines.front().time_ns, 99);
  EXPECT_EQ(join_logs({record(77, 5)}, nullptr, 99, invocations_).unknown, 1u);
}

TEST_F(LogJoin, BeyondTheBytesOfACall_RecordsAreCutAndTold) {
  LogRecord large = record(0, 0, "r-1");
  large.line.text.assign(base::kCallLogBytesMax / 2, 'x');
  const JoinedLogs joined = join_logs({large, large, large}, nullptr, 99, invocations_);
  EXPECT_EQ(joined.kept, 1u);
  EXPECT_EQ(joined.cut, 2u);
  ASSERT_EQ(joined.blocks.front().lines.size(), 2u);
  EXPECT_EQ(joined.blocks.front().lines.back().not_kept, 1u);
  EXPECT_TRUE(join_logs({large}, nullptr, 99, invocations_).blocks.empty());
  EXPECT_EQ(join_logs({record(0, 0, "r-2")}, nullptr, 99, invocations_).kept, 1u);
}

TEST_F(LogJoin, Printed_BelongsToItsCall) {
  const JoinedLogs joined = join_printed({.request_id = "r-2", .text = "a\nb"}, 99, invocations_);
  ASSERT_EQ(joined.blocks.size(), 1u);
  EXPECT_EQ(joined.blocks.front().key.index, 11u);
  EXPECT_EQ(joined.kept, 2u);
  EXPECT_EQ(joined.blocks.front().lines.front().attempt, 200u);
  EXPECT_EQ(joined.blocks.front().lines.front().time_ns, 99);
  EXPECT_EQ(join_printed({.request_id = "r-9", .text = "a"}, 99, invocations_).unknown, 1u);
}

}  // namespace
}  // namespace weft::telemetry
