#include <bit>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "history/wire.h"
#include "telemetry/decode_traces.h"
#include "telemetry/gzip.h"
#include "telemetry/otlp_text.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using history::put_bytes_present;
using history::put_uint_present;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr std::string_view kJson = R"({"resourceSpans":[{
  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"process-image"}}]},
  "scopeSpans":[{"spans":[
    {"traceId":"33089bd613b96f232a43448f556f1116","spanId":"00000000000000a2","parentSpanId":"00000000000000a1",
     "name":"S3.GetObject","kind":3,"startTimeUnixNano":"1700000000000000100","endTimeUnixNano":1700000000000000400,
     "attributes":[{"key":"n","value":{"intValue":"5"}},{"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"}]}}}],
     "events":[{"timeUnixNano":"1700000000000000200","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"TypeError"}}]},
       {"name":"retry","attributes":[{"key":"n","value":{"intValue":"2"}}]}],
     "links":[{"traceId":"33089bd613b96f232a43448f556f1117","spanId":"00000000000000c1","attributes":[{"key":"why","value":{"stringValue":"batch"}}]},
       {"traceId":"","spanId":""}],
     "status":{"code":2,"message":"no"}},
    {"traceId":"33089bd613b96f232a43448f556f1116","spanId":"00000000000000a1","name":"process-image","kind":2,
     "attributes":[{"key":"faas.invocation_id","value":{"stringValue":"r-1"}}]},
    {"traceId":"33089bd613b96f232a43448f556f1116","spanId":"00000000000000b1","name":"another"}]}]}]})";

TEST(OtlpJson, ReadsSpansAndCutsThemIntoLocalTraces) {
  auto chunks = decode_otlp_traces_json(kJson);
  ASSERT_TRUE(chunks) << chunks.error().message;
  ASSERT_EQ(chunks->size(), 2u);
  ASSERT_EQ(chunks->front().size(), 2u);
  const InnerSpan& call = chunks->front()[0];
  EXPECT_EQ(call.trace.hex(), "33089bd613b96f232a43448f556f1116");
  EXPECT_EQ(call.parent_id, 0xA1u);
  EXPECT_EQ(call.service, "process-image");
  EXPECT_EQ(call.duration_ns, 300);
  EXPECT_TRUE(call.error);
  EXPECT_EQ(call.error_type, "TypeError");
  EXPECT_EQ(call.error_message, "no");
  EXPECT_THAT(call.events,
              ElementsAre(trace::SpanEvent{.time_ns = 1700000000000000200,
                                           .name = "exception",
                                           .attributes = {{"exception.type", "TypeError"}}},
                          trace::SpanEvent{.name = "retry", .attributes = {{"n", "2"}}}));
  EXPECT_THAT(call.links,
              ElementsAre(trace::SpanLink{.trace = {0x33089bd613b96f23, 0x2a43448f556f1117},
                                          .span_id = 0xC1,
                                          .attributes = {{"why", "batch"}}}));
  EXPECT_THAT(call.attributes,
              ElementsAre(Pair("n", "5"), Pair("l", R"(["x"])"), Pair("span.kind", "client")));
  EXPECT_EQ(chunks->front()[1].request_id, "r-1");
}

TEST(OtlpJson, MalformedBodies_NameTheField) {
  const auto message = [](std::string_view body) {
    auto chunks = decode_otlp_traces_json(body);
    return chunks ? std::string("accepted") : chunks.error().message;
  };
  EXPECT_THAT(message("{"), HasSubstr("not JSON"));
  EXPECT_THAT(message("[]"), HasSubstr("'the body' must be an object"));
  EXPECT_THAT(message(R"({"resourceSpans":{}})"), HasSubstr("'resourceSpans' must be a list"));
  EXPECT_THAT(message(R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"x"}]}]}]})"),
              HasSubstr("'traceId' must be 32 hexadecimal digits"));
}

std::string protobuf_request() {
  std::string value;
  put_bytes_present(value, 1, "r-1");
  std::string attribute;
  put_bytes_present(attribute, 1, "faas.invocation_id");
  put_bytes_present(attribute, 2, value);
  std::string span;
  put_bytes_present(
      span, 1, std::string("\x33\x08\x9b\xd6\x13\xb9\x6f\x23\x2a\x43\x44\x8f\x55\x6f\x11\x16", 16));
  put_bytes_present(span, 2, std::string("\0\0\0\0\0\0\0\xA1", 8));
  put_bytes_present(span, 5, "process-image");
  put_uint_present(span, 6, 2);
  span += std::string("\x39\x64\0\0\0\0\0\0\0", 9) + std::string("\x41\x90\x01\0\0\0\0\0\0", 9);
  put_bytes_present(span, 9, attribute);
  span += otlp::bytes(11, otlp::fixed64(1, 7) + otlp::bytes(2, "retry") +
                              otlp::attribute(3, "n", otlp::bytes(1, "2")));
  span += otlp::bytes(13, otlp::bytes(1, std::string(15, '\0') + '\5') +
                              otlp::bytes(2, std::string(7, '\0') + '\6') +
                              otlp::attribute(4, "why", otlp::bytes(1, "batch")));
  std::string scope;
  put_bytes_present(scope, 2, span);
  std::string resource;
  put_bytes_present(resource, 2, scope);
  std::string request;
  put_bytes_present(request, 1, resource);
  return request;
}

TEST(OtlpProtobuf, ReadsSpans) {
  auto chunks = decode_otlp_traces_protobuf(protobuf_request());
  ASSERT_TRUE(chunks) << chunks.error().message;
  const InnerSpan& span = chunks->front().front();
  EXPECT_EQ(span.trace.hex(), "33089bd613b96f232a43448f556f1116");
  EXPECT_EQ(span.span_id, 0xA1u);
  EXPECT_EQ(span.request_id, "r-1");
  EXPECT_THAT(span.events, ElementsAre(trace::SpanEvent{
                               .time_ns = 7, .name = "retry", .attributes = {{"n", "2"}}}));
  EXPECT_THAT(span.links, ElementsAre(trace::SpanLink{
                              .trace = {0, 5}, .span_id = 6, .attributes = {{"why", "batch"}}}));
  EXPECT_EQ(span.start_ns, 100);
  EXPECT_EQ(span.duration_ns, 300);
}

TEST(OtlpSpan, KeepsTheFirstEventsAndLinks) {
  InnerSpan span;
  for (size_t i = 0; i < trace::kSpanEventsMax + 10; ++i) {
    add_event({.time_ns = static_cast<int64_t>(i)}, span);
    add_link({.span_id = i + 1}, span);
  }
  ASSERT_EQ(span.events.size(), trace::kSpanEventsMax);
  EXPECT_EQ(span.events.back().time_ns, 127);
  EXPECT_EQ(span.links.size(), trace::kSpanLinksMax);
}

TEST(OtlpProtobuf, EveryCutAndEveryChangedByte_EndsInAnAnswer) {
  const std::string whole = protobuf_request();
  for (size_t i = 1; i < whole.size(); ++i) {
    EXPECT_FALSE(decode_otlp_traces_protobuf(whole.substr(0, i))) << i;
    for (int value = 0; value < 256; value += 5) {
      std::string changed = whole;
      changed[i] = static_cast<char>(value);
      (void)decode_otlp_traces_protobuf(changed);
    }
  }
}

TEST(Gzip, UnpacksAndRefusesWhatIsCutOrGrowsTooMuch) {
  const auto pack = [](const std::string& text) {
    std::string out(compressBound(text.size()), '\0');
    uLongf size = out.size();
    compress(reinterpret_cast<Bytef*>(out.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
    out.resize(size);
    return out;
  };
  const std::string packed = pack("hello hello hello hello");
  EXPECT_EQ(unpack(packed), "hello hello hello hello");
  EXPECT_FALSE(unpack(packed.substr(0, packed.size() - 1)));
  EXPECT_FALSE(unpack("hello"));
  EXPECT_FALSE(unpack(""));
  auto bomb = unpack(pack(std::string(20'000'000, '0')));
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, base::ErrorCode::kLimit);
}

}  // namespace
}  // namespace weft::telemetry
