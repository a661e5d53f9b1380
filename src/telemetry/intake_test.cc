#include "telemetry/intake.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/msgpack_text.h"
#include "telemetry/otlp_text.h"

namespace weft::telemetry {
namespace {

using testing::HasSubstr;

// Whatever the time is, it is the same.
class StoppedClock : public base::Clock {
 public:
  int64_t now_us() const override { return 1'700'000'000'000'000; }
};

class IntakeTest : public testing::Test, private Sink {
 protected:
  IntakeTest() {
    invocations_.add("r-1", {1, 10}, {1, 2}, 100);
    intake_.store_in(*this);
  }
  ~IntakeTest() override { pool_.reset(); }
  net::Response send(std::string method, std::string path, std::string body,
                     std::string type = "application/msgpack") {
    net::Request request{.method = std::move(method), .path = std::move(path)};
    request.headers.set("Content-Type", std::move(type));
    request.body = std::move(body);
    std::promise<net::Response> answered;
    intake_.handle(
        std::move(request),
        [&answered](net::Response response) { answered.set_value(std::move(response)); }, nullptr);
    return answered.get_future().get();
  }
  std::string one_span() {
    return array({array({map({{"trace_id", number(9)},
                              {"span_id", number(3)},
                              {"meta", map({{"request_id", text("r-1")}})}})})});
  }

  // Of the service that an HTTP task of call r-1 asked: the trace and the span it was given.
  static std::string log_body(std::string_view span, std::string_view text) {
    return otlp::bytes(
        1, otlp::bytes(2, otlp::bytes(2, otlp::bytes(5, otlp::bytes(1, text)) +
                                             otlp::bytes(9, kTraceId) + otlp::bytes(10, span))));
  }
  std::string span_body(std::string_view span, std::string_view parent) {
    return otlp::bytes(
        1, otlp::bytes(2, otlp::bytes(2, otlp::bytes(1, kTraceId) + otlp::bytes(2, span) +
                                             otlp::bytes(4, parent))));
  }
  void send_otlp(std::string path, std::string body) {
    EXPECT_EQ(send("POST", std::move(path), std::move(body), "application/x-protobuf").status, 200);
  }
  static constexpr std::string_view kTraceId{"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2", 16};
  static constexpr std::string_view kAttempt{"\0\0\0\0\0\0\0\x64", 8};
  static constexpr std::string_view kOrder{"\0\0\0\0\0\0\0\x05", 8};
  static constexpr std::string_view kQuestion{"\0\0\0\0\0\0\0\x06", 8};

  bool room_ = true;
  std::vector<SpanBlock> stored_;
  std::vector<LogBlock> logs_;
  Invocations invocations_;
  StoppedClock clock_;
  std::optional<net::WorkerPool> pool_{std::in_place, 1};
  Intake intake_{invocations_, *pool_, clock_, std::chrono::milliseconds(0)};

 private:
  bool store_spans(const std::vector<SpanBlock>& blocks, Moment /*until*/) override {
    if (room_) stored_ = blocks;
    return room_;
  }
  bool store_logs(const std::vector<LogBlock>& blocks, Moment /*until*/) override {
    if (room_) logs_ = blocks;
    return room_;
  }
};

TEST_F(IntakeTest, Closed_RequestsAreRefused) {
  intake_.close();
  EXPECT_EQ(send("PUT", "/v0.4/traces", one_span()).status, 503);
  EXPECT_TRUE(stored_.empty());
  EXPECT_EQ(intake_.counts().refused, 1u);
}

TEST_F(IntakeTest, PathOfNoLibrary_IsNotFound) {
  EXPECT_EQ(send("GET", "/bucket/key", "").status, 404);
  EXPECT_EQ(intake_.counts().requests, 0u);
}

TEST_F(IntakeTest, Quiet_ComesOnceWhatWasPrintedIsTakenIn) {
  intake_.take_printed({.request_id = "r-1", .text = "hello\n"});
  intake_.wait_for_quiet(0, std::chrono::milliseconds(1),
                         std::chrono::steady_clock::time_point::max());
  ASSERT_EQ(logs_.size(), 1u);
}

TEST_F(IntakeTest, DatadogTraces_AreStoredAndAnsweredWithRates) {
  net::Response answer = send("PUT", "/v0.4/traces", one_span());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"rate_by_service":{"service:,env:":1.0}})");
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_.front().key.index, 10u);
  EXPECT_EQ(send("POST", "/v0.3/traces", one_span()).body, "OK\n");
  EXPECT_EQ(intake_.counts().stored, 2u);
}

TEST_F(IntakeTest, ResourceWithoutAName_GoesByItsFunction) {
  for (const auto& [named, shown] : {std::pair{"", "resize"},
                                     {"unknown_service:node", "resize"},
                                     {"unknown_service", "resize"},
                                     {"orders", "orders"}}) {
    const std::string resource = otlp::attribute(1, "service.name", otlp::bytes(1, named));
    const std::string span = otlp::bytes(1, kTraceId) + otlp::bytes(2, kOrder);
    net::Request request{.method = "POST", .path = "/v1/traces"};
    request.headers.set("Content-Type", "application/x-protobuf");
    request.headers.set(std::string(Intake::kSenderHeader), "resize/3");
    request.body = otlp::bytes(1, otlp::bytes(1, resource) + otlp::bytes(2, otlp::bytes(2, span)));
    std::promise<net::Response> answered;
    intake_.handle(
        std::move(request),
        [&answered](net::Response response) { answered.set_value(std::move(response)); },
        [](int64_t) { return std::string("r-1"); });
    EXPECT_EQ(answered.get_future().get().status, 200);
    ASSERT_EQ(stored_.size(), 1u);
    EXPECT_EQ(stored_.front().spans.front().service, shown) << named;
  }
}

TEST_F(IntakeTest, FullStore_DropsAreCounted) {
  room_ = false;
  EXPECT_EQ(send("PUT", "/v0.4/traces", one_span()).status, 200);
  EXPECT_EQ(intake_.counts().dropped, 1u);
  EXPECT_THAT(intake_.counts_json(), HasSubstr(R"("dropped":1)"));
}

TEST_F(IntakeTest, MalformedBodies_AreRefused) {
  EXPECT_EQ(send("PUT", "/v0.5/traces", "x").status, 400);
  EXPECT_EQ(send("POST", "/v1/traces", "{", "application/json").status, 400);
  EXPECT_EQ(send("POST", "/v1/traces", "{}", "text/plain").status, 415);
  EXPECT_EQ(send("GET", "/v0.4/traces", "").status, 405);
  EXPECT_EQ(intake_.counts().refused, 3u);
}

TEST_F(IntakeTest, WhatElseTracersSend_IsAccepted) {
  EXPECT_THAT(send("GET", "/info", "").body, HasSubstr(R"("client_drop_p0s":false)"));
  EXPECT_EQ(send("PUT", "/v0.6/stats", "x").body, "{}");
  EXPECT_EQ(send("POST", "/telemetry/proxy/api/v2/apmtelemetry", "{}").body, "{}");
  EXPECT_EQ(send("POST", "/v1/metrics", "", "application/x-protobuf").status, 200);
  EXPECT_EQ(send("POST", "/v1/logs", "{}", "application/json").body, R"({"partialSuccess":{}})");
}

TEST_F(IntakeTest, LogRecordsOfACalledService_WaitForTheirSpans) {
  send_otlp("/v1/logs", log_body(kQuestion, "asked"));
  EXPECT_EQ(
      send("POST", "/v1/logs",
           R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"order"},)"
           R"("traceId":"00000000000000010000000000000002","spanId":"0000000000000005"}]}]}]})",
           "application/json")
          .status,
      200);
  EXPECT_TRUE(logs_.empty());
  send_otlp("/v1/traces", span_body(kQuestion, kOrder));  // which waits itself
  EXPECT_TRUE(logs_.empty());
  send_otlp("/v1/traces", span_body(kOrder, kAttempt));
  ASSERT_EQ(logs_.size(), 1u);
  EXPECT_EQ(logs_.front().key.index, 10u);
  ASSERT_EQ(logs_.front().lines.size(), 2u);
  for (const trace::LogLine& line : logs_.front().lines) {
    EXPECT_EQ(line.attempt, 100u) << line.text;
    EXPECT_EQ(line.request_id, "r-1");
  }
  logs_.clear();
  send_otlp("/v1/logs", log_body(kQuestion, "after its span"));
  ASSERT_EQ(logs_.size(), 1u);
  EXPECT_EQ(logs_.front().lines.front().attempt, 100u);
  EXPECT_EQ(intake_.counts().log_lines_stored, 3u);
  EXPECT_EQ(intake_.counts().log_lines_orphaned, 0u);
}

TEST_F(IntakeTest, LogRecordsWhoseSpansNeverCome_AreKeptOfTheirTraceAndCounted) {
  send_otlp("/v1/logs", log_body(kOrder, "lost"));
  EXPECT_EQ(intake_.counts().log_lines_stored, 0u);
  intake_.settle(std::chrono::milliseconds(0));
  ASSERT_EQ(logs_.size(), 1u);
  EXPECT_EQ(logs_.front().lines.front().attempt, 0u);
  EXPECT_EQ(intake_.counts().log_lines_orphaned, 1u);
  metrics::Registry registry;
  intake_.add_metrics(registry);
  EXPECT_EQ(registry.counter("weft.telemetry.orphans",
                             {{"reason", "never_joined"}, {"what", "log_lines"}}),
            1u);
}

TEST_F(IntakeTest, WhatMayNotWaitAnyLonger_IsCounted) {
  const std::string text(20'000, 'x');
  constexpr size_t kMany = 1'000;
  std::string records;
  for (size_t i = 0; i < kMany; ++i) {
    // Spans in chunks of their own: of parents that are not there.
    const std::string id = otlp::little_endian(1'000 + i);
    const std::string attribute = otlp::attribute(9, "a", otlp::bytes(1, text));
    send_otlp("/v1/traces",
              otlp::bytes(
                  1, otlp::bytes(
                         2, otlp::bytes(2, otlp::bytes(1, kTraceId) + otlp::bytes(2, id) +
                                               otlp::bytes(4, otlp::little_endian(1'000'000 + i)) +
                                               attribute + attribute + attribute + attribute))));
    records += otlp::bytes(
        2, otlp::bytes(5, otlp::bytes(1, text)) + otlp::bytes(9, kTraceId) + otlp::bytes(10, id));
  }
  const uint64_t spans_gone = intake_.counts().gave_way;
  EXPECT_EQ(spans_gone, intake_.counts().stored);
  EXPECT_NEAR(static_cast<double>(spans_gone), kMany - kHeldSpansMax.bytes / 80e3, 20);
  send_otlp("/v1/logs", otlp::bytes(1, otlp::bytes(2, records)));
  const IntakeCounts counts = intake_.counts();
  EXPECT_NEAR(static_cast<double>(counts.log_lines_gave_way + counts.log_lines_cut),
              kMany - kHeldLogRecordsMax.bytes / 20e3, 30);
  metrics::Registry registry;
  intake_.add_metrics(registry);
  EXPECT_EQ(
      registry.counter("weft.telemetry.orphans", {{"reason", "held_full"}, {"what", "spans"}}),
      spans_gone);
}

TEST(IntakeAccepts, ItsPathsOnly) {
  const auto accepts = [](std::string path) {
    return Intake::accepts({.method = "GET", .path = std::move(path)});
  };
  for (const char* path : {"/v0.4/traces", "/v1/traces", "/v1/logs", "/info", "/telemetry/proxy/x"})
    EXPECT_TRUE(accepts(path)) << path;
  for (const char* path :
       {"/", "/photos/info", "/infos", "/v1/other", "/_weft/health", "/telemetry"})
    EXPECT_FALSE(accepts(path)) << path;
}

}  // namespace
}  // namespace weft::telemetry
