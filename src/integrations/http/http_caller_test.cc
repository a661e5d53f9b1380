#include "integrations/http/http_caller.h"

#include <future>
#include <latch>
#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/loop.h"
#include "net/server.h"

namespace weft::http {
namespace {

class HttpCallerTest : public ::testing::Test {
 protected:
  void serve(net::Handler handler) {
    auto listening = net::HttpServer::listen(loop_, "127.0.0.1", 0, std::move(handler));
    ASSERT_TRUE(listening.has_value());
    server_ = std::move(*listening);
    loop_.start(2);
  }
  std::string parameters(std::string_view more = "") const {
    return fmt::format(R"({{"ApiEndpoint":"http://127.0.0.1:{}/","Method":"POST"{}}})",
                       server_->port(), more);
  }
  CallResult called(HttpCaller& caller, std::string_view text, const net::Headers& trace = {}) {
    std::promise<CallResult> promise;
    const auto begun = caller.call(
        "r", text, trace, [&promise](CallResult result) { promise.set_value(std::move(result)); });
    EXPECT_TRUE(begun.has_value()) << begun.error().message;
    return promise.get_future().get();
  }

  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(HttpCallerTest, Call_CarriesTheTraceUnlessTheTaskHasItsOwn) {
  serve([](net::Request request, net::Responder respond) {
    net::Response response;
    response.headers.add("Content-Type", "text/plain");
    response.body = request.headers.get("traceparent");
    respond(std::move(response));
  });
  HttpCaller caller({});
  const net::Headers trace{{{"traceparent", "ours"}}};
  const auto body_of = [&](std::string_view more) {
    return called(caller, parameters(more), trace).outcome.output;
  };
  EXPECT_NE(body_of("").find(R"("ResponseBody":"ours")"), std::string::npos);
  EXPECT_NE(body_of(R"(,"Headers":{"Traceparent":"theirs"})").find(R"("ResponseBody":"theirs")"),
            std::string::npos);
  EXPECT_EQ(body_of(R"(,"Headers":{"x-datadog-trace-id":"1"})").find("ours"), std::string::npos);
}

TEST_F(HttpCallerTest, Calls_WaitForTheirTurnInOrder) {
  constexpr int kCalls = 20;
  constexpr size_t kAtOnce = 3;
  std::mutex mutex;
  size_t open = 0;
  size_t most = 0;
  serve([&](net::Request, net::Responder respond) {
    const std::lock_guard lock(mutex);
    most = std::max(most, ++open);
    respond(net::Response{});
    --open;
  });
  HttpCaller caller({.calls_max = kAtOnce});
  std::latch ended(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    ASSERT_TRUE(caller.call(std::to_string(i), parameters(), {}, [&](CallResult result) {
      EXPECT_EQ(result.outcome.error, "");
      EXPECT_GT(result.started_ms, 0);
      ended.count_down();
    }));
  }
  ended.wait();
  EXPECT_LE(most, kAtOnce);
}

TEST_F(HttpCallerTest, Cancel_KeepsSilentAndMakesRoom) {
  std::promise<net::Responder> arrived;
  std::atomic<int> requests = 0;
  serve([&](net::Request, net::Responder respond) {
    if (++requests == 1) return arrived.set_value(std::move(respond));
    respond(net::Response{});
  });
  HttpCaller caller({.calls_max = 1});
  const auto never = [](CallResult) { ADD_FAILURE() << "it was cancelled"; };
  ASSERT_TRUE(caller.call("first", parameters(), {}, never));
  const net::Responder kept = arrived.get_future().get();
  ASSERT_TRUE(caller.call("second", parameters(), {}, never));  // waits
  caller.cancel("second");
  caller.cancel("first");
  caller.cancel("unknown");
  EXPECT_EQ(called(caller, parameters()).outcome.error, "");
  EXPECT_EQ(requests, 2);
}

TEST_F(HttpCallerTest, Faults_HaveTheirNames) {
  serve([](net::Request, net::Responder respond) {
    respond(net::Response{.body = std::string(100, 'x')});
  });
  HttpCaller small({.response_bytes = 10});
  EXPECT_TRUE(called(small, parameters()).outcome.too_large);
  auto destinations = Destinations::create({}, {"127.0.0.0/8"}, false);
  HttpCaller careful({.destinations = *destinations});
  const HttpOutcome denied = called(careful, parameters()).outcome;
  EXPECT_EQ(denied.error, "States.Permissions");
  EXPECT_NE(denied.cause.find("the address 127.0.0.1 of"), std::string::npos) << denied.cause;
  const std::string gone = parameters();
  server_.reset();
  HttpCaller caller({});
  EXPECT_EQ(called(caller, gone).outcome.error, "States.Http.Socket");
}

TEST_F(HttpCallerTest, Call_RefusesWhatCannotBeSent) {
  HttpCaller caller({});
  const auto never = [](CallResult) { ADD_FAILURE(); };
  const auto bad = caller.call("r", R"({"Method":"GET"})", {}, never);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, base::ErrorCode::kInvalidArgument);
  const auto unknown = caller.call("r",
                                   R"({"ApiEndpoint":"http://h","Method":"GET",
                                      "InvocationConfig":{"ConnectionArn":"stripe"}})",
                                   {}, never);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("--connection stripe=FILE"), std::string::npos);
}

TEST_F(HttpCallerTest, Shutdown_DropsWhatIsAtHand) {
  std::promise<net::Responder> arrived;
  serve([&](net::Request, net::Responder respond) { arrived.set_value(std::move(respond)); });
  HttpCaller caller({.calls_max = 1});
  const auto never = [](CallResult) { ADD_FAILURE(); };
  ASSERT_TRUE(caller.call("first", parameters(), {}, never));
  ASSERT_TRUE(caller.call("second", parameters(), {}, never));
  const net::Responder kept = arrived.get_future().get();
  caller.shutdown();
}

}  // namespace
}  // namespace weft::http
