#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/wire.h"
#include "telemetry/join.h"
#include "telemetry/log_record.h"
#include "telemetry/msgpack_text.h"
#include "telemetry/otlp_point.h"
#include "telemetry/otlp_span.h"
#include "telemetry/traces.h"

// Bodies that are small and would become large, or take long.

namespace weft::telemetry {
namespace {

using history::put_bytes_present;
using testing::HasSubstr;
using testing::StartsWith;

std::string repeated(std::string_view text, size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string field(uint32_t number, std::string_view bytes) {
  std::string out;
  put_bytes_present(out, number, bytes);
  return out;
}

// A request whose only resource and scope have these records.
std::string protobuf(std::string_view records) { return field(1, field(2, records)); }
std::string json_logs(std::string_view records) {
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + std::string(records) + "]}]}]}";
}

// As texts in texts they would double with each level.
TEST(Hostile, NestedValues_StandInEachOtherAsTheyAre) {
  std::string json = R"({"stringValue":"\""})";
  std::string bytes = field(1, "\"");
  std::string shown = R"("\"")";
  for (int level = 0; level < 14; ++level) {
    const bool list = level % 2 == 0;
    json = list ? R"({"arrayValue":{"values":[)" + json + "]}}"
                : R"({"kvlistValue":{"values":[{"key":"k","value":)" + json + "}]}}";
    bytes = list ? field(5, field(1, bytes)) : field(6, field(1, field(1, "k") + field(2, bytes)));
    shown = list ? "[" + shown + "]" : R"({"k":)" + shown + "}";
  }
  const auto from_json = decode_otlp_logs_json(json_logs(R"({"body":)" + json + "}"));
  ASSERT_TRUE(from_json) << from_json.error().message;
  EXPECT_EQ(from_json->front().line.text, shown);
  const auto from_bytes = decode_otlp_logs_protobuf(protobuf(field(2, field(5, bytes))));
  ASSERT_TRUE(from_bytes) << from_bytes.error().message;
  EXPECT_EQ(from_bytes->front().line.text, shown);
}

TEST(Hostile, MillionsOfEmptyRecords_AreRefused) {
  const std::string records = repeated(field(2, ""), 1'000'000);
  const auto logs = decode_otlp_logs_protobuf(protobuf(records));
  ASSERT_FALSE(logs);
  EXPECT_THAT(logs.error().message, HasSubstr("becomes more than"));
  const auto json = decode_otlp_logs_json(json_logs(repeated("{},", 1'000'000) + "{}"));
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, HasSubstr("becomes more than"));
  EXPECT_EQ(json.error().code, base::ErrorCode::kLimit);
}

TEST(Hostile, MillionsOfEmptyPoints_AreRefused) {
  const std::string name(4'000, 'n');
  const std::string metric = field(1, name) + field(5, repeated(field(1, ""), 200'000));
  const auto points = decode_otlp_metrics_protobuf(protobuf(field(2, metric)));
  ASSERT_FALSE(points);
  EXPECT_THAT(points.error().message, HasSubstr("becomes more than"));
  const auto json = decode_otlp_metrics_json(
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":")" + name +
      R"(","gauge":{"dataPoints":[)" + repeated("{},", 200'000) + "{}]}}]}]}]}");
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, HasSubstr("becomes more than"));
}

TEST(Hostile, EmptyChunks_AreNotKept) {
  // nil stands for an empty list.
  const std::string nils = std::string("\xDD\x00\x10\x00\x00", 5) + std::string(0x100000, '\xC0');
  const auto v04 = decode_datadog_v04(nils);
  ASSERT_TRUE(v04) << v04.error().message;
  EXPECT_TRUE(v04->empty());
  const auto v05 = decode_datadog_v05(array({array({}), ""}) + nils);
  ASSERT_TRUE(v05) << v05.error().message;
  EXPECT_TRUE(v05->empty());
}

TEST(Hostile, LongTextNamedManyTimes_IsRefused) {
  // A table with one long text; spans whose attributes are all it.
  const std::string attributes =
      std::string("\xDE\x03\xE8", 3) + repeated(std::string(2, '\0'), 1'000);
  std::string span;
  for (int i = 0; i < 3; ++i) span += number(0);
  for (int i = 0; i < 2; ++i) span += number(7);
  for (int i = 0; i < 4; ++i) span += number(0);
  span = std::string("\x9C", 1) + span + attributes + std::string("\x80", 1) + number(0);
  const std::string spans = std::string("\xDC\x01\xF4", 3) + repeated(span, 500);
  const std::string body = std::string("\x92", 1) + array({text(std::string(20'000, 'x'))}) +
                           std::string("\x91", 1) + spans;
  EXPECT_LT(body.size(), 1'100'000u);
  const auto chunks = decode_datadog_v05(body);
  ASSERT_FALSE(chunks);
  EXPECT_THAT(chunks.error().message, HasSubstr("becomes more than"));
}

TEST(Hostile, LargeResource_IsReadOnceForAllItsSpans) {
  const std::string attribute = R"({"key":"k","value":{"stringValue":"v"}})";
  const std::string span =
      R"({"traceId":"33089bd613b96f232a43448f556f1116","spanId":"00000000000000a2"})";
  const auto chunks = decode_otlp_traces_json(R"({"resourceSpans":[{"resource":{"attributes":[)" +
                                              repeated(attribute + ",", 100'000) + attribute +
                                              R"(]},"scopeSpans":[{"spans":[)" +
                                              repeated(span + ",", 20'000) + span + "]}]}]}");
  ASSERT_TRUE(chunks) << chunks.error().message;
}

TEST(Hostile, TimesBeyondAllBounds_CanStillBeAdded) {
  Invocations invocations;
  invocations.add("r", {1, 10}, {1, 2}, 100);
  InnerSpan early{.trace = {1, 2}, .span_id = 1, .start_ns = INT64_MIN, .duration_ns = INT64_MIN};
  InnerSpan late{.trace = {1, 2}, .span_id = 2, .start_ns = INT64_MAX, .duration_ns = INT64_MAX};
  early.request_id = "r";
  const Joined joined = join({{early, late}}, nullptr, invocations);
  ASSERT_EQ(joined.joined, 2u);
  for (const InnerSpan& span : joined.blocks.front().spans) {
    EXPECT_GE(span.start_ns, 0);
    EXPECT_GE(span.duration_ns, 0);
    EXPECT_LE(span.start_ns, INT64_MAX - span.duration_ns);
  }
  finish_otlp_span(0, static_cast<uint64_t>(INT64_MAX), "", early);
  EXPECT_EQ(early.duration_ns, 0);
}

TEST(Hostile, LongJson_IsRefused) {
  const auto logs = decode_otlp_logs_json(json_logs(std::string(17u << 20, ' ')));
  ASSERT_FALSE(logs);
  EXPECT_EQ(logs.error().code, base::ErrorCode::kLimit);
}

}  // namespace
}  // namespace weft::telemetry
