#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/decode_traces.h"
#include "telemetry/msgpack_text.h"

namespace weft::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string lambda_span() {
  return map({{"trace_id", number(3045353155436941590)},
              {"span_id", number(7)},
              {"parent_id", number(2212676373656268639)},
              {"name", text("aws.lambda")},
              {"service", text("process-image")},
              {"resource", text("process-image")},
              {"type", text("serverless")},
              {"start", number(1'700'000'000'000'000'000)},
              {"duration", number(12'345)},
              {"error", number(1)},
              {"meta", map({{"request_id", text("0c1f7a6e-1111")},
                            {"_dd.p.tid", text("33089bd613b96f23")},
                            {"error.type", text("TypeError")},
                            {"cold_start", text("true")}})},
              {"metrics", map({{"batch", number(3)}, {"_dd.measured", number(1)}})},
              {"span_events",
               array({map({{"name", text("retry")},
                           {"time_unix_nano", number(17)},
                           {"attributes",
                            map({{"n", map({{"type", number(2)}, {"int_value", number(2)}})},
                                 {"all", map({{"type", number(4)}, {"array_value", map({})}})},
                                 {"why", map({{"string_value", text("slow")}})}})}})})},
              {"span_links", array({map({{"trace_id", number(1)}}),
                                    map({{"trace_id", number(2)},
                                         {"trace_id_high", number(3)},
                                         {"span_id", number(4)},
                                         {"flags", number(1)},
                                         {"attributes", map({{"why", text("batch")}})}})})}});
}

void expect_lambda_span(const InnerSpan& span) {
  EXPECT_EQ(span.trace.low, 3045353155436941590u);
  EXPECT_EQ(span.trace.high, 0x33089bd613b96f23u);
  EXPECT_EQ(span.span_id, 7u);
  EXPECT_EQ(span.parent_id, 2212676373656268639u);
  EXPECT_EQ(span.name, "aws.lambda");
  EXPECT_EQ(span.type, "serverless");
  EXPECT_EQ(span.request_id, "0c1f7a6e-1111");
  EXPECT_EQ(span.duration_ns, 12'345);
  EXPECT_TRUE(span.error);
  EXPECT_EQ(span.error_type, "TypeError");
}

TEST(DatadogV04, ReadsSpansAndSpreadsTheHighHalf) {
  const std::string call =
      map({{"trace_id", number(3045353155436941590)}, {"span_id", "\x08"}, {"parent_id", "\x07"}});
  auto chunks = decode_datadog_v04(array({array({lambda_span(), call})}));
  ASSERT_TRUE(chunks) << chunks.error().message;
  ASSERT_EQ(chunks->size(), 1u);
  ASSERT_EQ(chunks->front().size(), 2u);
  expect_lambda_span(chunks->front()[0]);
  EXPECT_THAT(chunks->front()[0].attributes,
              ElementsAre(Pair("cold_start", "true"), Pair("batch", "3")));
  EXPECT_THAT(
      chunks->front()[0].events,
      ElementsAre(trace::SpanEvent{.time_ns = 17,
                                   .name = "retry",
                                   .attributes = {{"n", "2"}, {"all", ""}, {"why", "slow"}}}));
  EXPECT_THAT(chunks->front()[0].links,
              ElementsAre(trace::SpanLink{
                  .trace = {3, 2}, .span_id = 4, .attributes = {{"why", "batch"}}}));
  EXPECT_EQ(chunks->front()[1].trace.high, 0x33089bd613b96f23u);
  EXPECT_EQ(chunks->front()[1].parent_id, 7u);
}

TEST(DatadogV04, EventsAndLinksInMeta_AreReadAndOtherTagsOfThatNameStay) {
  const auto span = [](std::string_view events, std::string_view links) {
    return map({{"trace_id", "\x01"},
                {"span_id", "\x02"},
                {"meta", map({{"events", text(events)}, {"_dd.span_links", text(links)}})}});
  };
  const auto chunks = decode_datadog_v04(array({array({
      span(R"([{"name":"retry","time_unix_nano":1700000000000000001,"attributes":{"n":2}}])",
           R"([{"trace_id":"00000000000000030000000000000002","span_id":"0000000000000004"}])"),
      span(R"(["a","b"])", "none"),
  })}));
  ASSERT_TRUE(chunks) << chunks.error().message;
  const InnerSpan& first = chunks->front()[0];
  EXPECT_THAT(first.events,
              ElementsAre(trace::SpanEvent{
                  .time_ns = 1700000000000000001, .name = "retry", .attributes = {{"n", "2"}}}));
  EXPECT_THAT(first.links, ElementsAre(trace::SpanLink{.trace = {3, 2}, .span_id = 4}));
  EXPECT_TRUE(first.attributes.empty());
  EXPECT_THAT(chunks->front()[1].attributes, ElementsAre(Pair("events", R"(["a","b"])")));
}

TEST(DatadogV05, ReadsTheTableOfTexts) {
  const std::string table =
      array({text(""), text("process-image"), text("aws.lambda"), text("serverless"),
             text("request_id"), text("0c1f7a6e-1111"), text("_dd.p.tid"), text("33089bd613b96f23"),
             text("error.type"), text("TypeError")});
  const std::string meta = std::string("\x83") + "\x04\x05" + "\x06\x07" + "\x08\x09";
  const std::string span = array({"\x01", "\x02", "\x01", number(3045353155436941590), "\x07",
                                  number(2212676373656268639), number(1'700'000'000'000'000'000),
                                  "\xCD\x30\x39", "\x01", meta, "\x80", "\x03"});
  auto chunks = decode_datadog_v05(array({table, array({array({span})})}));
  ASSERT_TRUE(chunks) << chunks.error().message;
  expect_lambda_span(chunks->front().front());
  auto outside = decode_datadog_v05(array({array({text("")}), array({array({span})})}));
  ASSERT_FALSE(outside);
  EXPECT_THAT(outside.error().message, HasSubstr("service is text 1 of a table of 1"));
}

TEST(DatadogV07, ReadsChunks) {
  const std::string chunk =
      map({{"priority", "\x01"}, {"spans", array({lambda_span()})}, {"dropped_trace", "\xC2"}});
  auto chunks =
      decode_datadog_v07(map({{"language_name", text("nodejs")}, {"chunks", array({chunk})}}));
  ASSERT_TRUE(chunks) << chunks.error().message;
  expect_lambda_span(chunks->front().front());
}

// What a chunk with these entries of metrics and meta says of its first span.
bool is_kept(const std::string& metrics, const std::string& meta) {
  const std::string span =
      map({{"trace_id", "\x01"}, {"span_id", "\x02"}, {"metrics", metrics}, {"meta", meta}});
  const auto chunks = decode_datadog_v04(array({array({span})}));
  return chunks && trace::is_kept_by_hand(chunks->front().front());
}

TEST(Datadog, SpansKeptByHand_AreMarked) {
  const auto priority = [](const char* value) { return map({{"_sampling_priority_v1", value}}); };
  EXPECT_TRUE(is_kept(priority("\x02"), map({})));
  EXPECT_TRUE(is_kept(priority("\x02"), map({{"_dd.p.dm", text("-4")}})));
  EXPECT_FALSE(is_kept(priority("\x02"), map({{"_dd.p.dm", text("-3")}}))) << "by a rule";
  EXPECT_FALSE(is_kept(priority("\x01"), map({})));
  EXPECT_FALSE(is_kept(priority("\xFF"), map({}))) << "-1";
  EXPECT_TRUE(is_kept(map({}), map({{"manual.keep", text("true")}})));
  const auto v07 = [](const char* value) {
    const std::string chunk = map({{"priority", value}, {"spans", array({lambda_span()})}});
    const auto chunks = decode_datadog_v07(map({{"chunks", array({chunk})}}));
    return chunks && trace::is_kept_by_hand(chunks->front().front());
  };
  EXPECT_TRUE(v07("\x02"));
  EXPECT_FALSE(v07("\x01"));
}

TEST(DatadogV04, MalformedBodies_NameThePlace) {
  const auto message = [](const std::string& body) {
    auto chunks = decode_datadog_v04(body);
    return chunks ? std::string("accepted") : chunks.error().message;
  };
  EXPECT_THAT(message(""), HasSubstr("byte 0: the message ends"));
  EXPECT_THAT(message("\xC1"), HasSubstr("byte 0: no MessagePack value"));
  EXPECT_THAT(message("\xDD\xFF\xFF\xFF\xFF"), HasSubstr("items in a message with 0 bytes left"));
  EXPECT_THAT(message(array({array({map({{"trace_id", text("x")}})})})),
              HasSubstr("trace_id must be an integer, not a text"));
  EXPECT_THAT(message(array({array({map({})})})), HasSubstr("without span_id"));
  EXPECT_THAT(message(array({}) + "x"), HasSubstr("more bytes behind"));
  std::string deep = array({array({"\x81" + text("links") + std::string(100, '\x91') + "\xC0"})});
  EXPECT_THAT(message(deep), HasSubstr("nest too deep"));
}

TEST(DatadogV04, EveryCutAndEveryChangedByte_EndsInAnAnswer) {
  const std::string whole = array({array({lambda_span()})});
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_FALSE(decode_datadog_v04(whole.substr(0, i)));
    for (int value : {0x00, 0x7F, 0x81, 0x91, 0xC6, 0xDB, 0xDD, 0xDF, 0xFF}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(value);
      (void)decode_datadog_v04(changed);
      (void)decode_datadog_v05(changed);
      (void)decode_datadog_v07(changed);
    }
  }
}

}  // namespace
}  // namespace weft::telemetry
