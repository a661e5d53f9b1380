#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/wire.h"
#include "telemetry/decode_traces.h"
#include "telemetry/join.h"
#include "telemetry/log_record.h"
#include "telemetry/msgpack_text.h"
#include "telemetry/otlp_point.h"
#include "telemetry/otlp_span.h"
#include "telemetry/otlp_streams.h"

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

// A byte a bucket becomes a node of a map.
TEST(Hostile, HistogramsOfManyBuckets_AreRefused) {
  const std::string buckets = field(2, std::string(OtlpPoint::kBucketsMax, '\1'));
  const std::string metric =
      field(1, "n") + field(10, repeated(field(1, field(8, buckets)), 20'000));
  const auto points = decode_otlp_metrics_protobuf(protobuf(field(2, metric)));
  ASSERT_FALSE(points);
  EXPECT_THAT(points.error().message, HasSubstr("becomes more than"));
  const std::string json_buckets = repeated("1,", OtlpPoint::kBucketsMax - 1) + "1";
  const std::string histogram = R"({"positive":{"bucketCounts":[)" + json_buckets + "]}}";
  const auto json = decode_otlp_metrics_json(
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":[)" +
      repeated(histogram + ",", 15'000) + histogram + "]}}]}]}]}");
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message, HasSubstr("becomes more than"));
}

TEST(Hostile, BucketsOfCumulativeStreams_AreBounded) {
  OtlpStreams streams(0);
  const auto point_of = [](size_t stream, size_t buckets) {
    OtlpPoint point{.kind = OtlpPoint::Kind::kExponentialHistogram,
                    .cumulative = true,
                    .name = std::to_string(stream)};
    add_exponential_buckets(0, std::vector<uint64_t>(buckets, 1), false, point);
    return point;
  };
  size_t bytes = 0;
  for (size_t stream = 0; stream < 2'000; ++stream) {
    OtlpPoint point = point_of(stream, 500);
    const size_t more = point.bucket_bytes();
    bytes += streams.make_delta(point, "process", 1) ? more : 0;
  }
  EXPECT_GT(bytes, OtlpStreams::kBucketBytesMax / 2);
  EXPECT_LE(bytes, OtlpStreams::kBucketBytesMax);
  OtlpPoint known = point_of(0, 500);
  known.buckets[0] = 5;
  ASSERT_TRUE(streams.make_delta(known, "process", 1));
  EXPECT_EQ(known.buckets.size(), 1u);
}

// Names whose beginnings, ends and lengths are the same: a hash of these would be, too.
TEST(Hostile, MembersThatLookAlike_AreReadInTime) {
  std::string members;
  for (int i = 0; i < 200'000; ++i) {
    const std::string number = std::to_string(1'000'000 + i);
    members += (i == 0 ? "\"" : ",\"") + ("aaaaaaaa" + number + "zzzzzzzz\":1");
  }
  EXPECT_TRUE(decode_otlp_logs_json("{" + members + "}"));
}

// Each level copied the whole text.
TEST(Hostile, LongTextInNestedLists_IsCutBeforeItIsCopied) {
  constexpr int kLevels = 60;
  std::string body = R"({"stringValue":")" + std::string(8u << 20, 'x') + R"("})";
  for (int level = 0; level < kLevels; ++level)
    body = R"({"arrayValue":{"values":[)" + body + "]}}";
  const auto logs = decode_otlp_logs_json(json_logs(R"({"body":)" + body + "}"));
  ASSERT_TRUE(logs) << logs.error().message;
  EXPECT_LE(logs->front().line.text.size(), 25'000u);
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
