#include "exports/delivery.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "net/server.h"

namespace weft::exports {
namespace {

using std::chrono::milliseconds;
constexpr DeliveryLimits kQuick{.first_pause = milliseconds(1), .longest_pause = milliseconds(2)};

class DeliveryTest : public ::testing::Test {
 protected:
  // Answers with `statuses`, one after another, then with the last for ever; 0: never.
  void serve(std::vector<int> statuses) {
    auto listening = net::HttpServer::listen(
        loop_, "127.0.0.1", 0, [this, statuses](net::Request, net::Responder respond) {
          const size_t at = std::min<size_t>(tries_++, statuses.size() - 1);
          net::Response response{.status = statuses[at], .body = "why\n"};
          response.headers.set("Retry-After", "0");
          if (statuses[at] != 0) return respond(std::move(response));
          kept_.push_back(std::move(respond));
        });
    ASSERT_TRUE(listening.has_value());
    server_ = std::move(*listening);
    loop_.start(1);
  }
  net::ClientRequest request() const {
    return {.method = "POST", .url = fmt::format("http://127.0.0.1:{}/", server_->port())};
  }

  std::atomic<size_t> tries_ = 0;
  std::vector<net::Responder> kept_;
  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(DeliveryTest, BusyServer_IsTriedAgain) {
  serve({429, 503, 500, 202});
  EXPECT_EQ(Delivery(kQuick).send(request()), std::nullopt);
  EXPECT_EQ(tries_, 4u);
}

TEST_F(DeliveryTest, Refusal_IsFinal) {
  serve({404});
  EXPECT_EQ(Delivery(kQuick).send(request()), "status 404: why ");
  EXPECT_EQ(tries_, 1u);
}

TEST_F(DeliveryTest, SilentServer_IsGivenUp) {
  serve({0});
  // Long enough in total that a machine that stands still for a moment has asked once.
  Delivery delivery({.request = milliseconds(20), .total = milliseconds(1'000)});
  const auto failed = delivery.send(request());
  ASSERT_TRUE(failed.has_value());
  EXPECT_NE(failed->find("no answer in time"), std::string::npos) << *failed;
  loop_.stop();
}

TEST_F(DeliveryTest, NobodyThere_IsGivenUpAfterItsOwnTime) {
  serve({202});
  const net::ClientRequest nobody = {.method = "POST", .url = "http://127.0.0.1:1/"};
  constexpr milliseconds kSoon(20);
  Delivery delivery({.total = std::chrono::hours(2),
                     .unreachable = kSoon,
                     .first_pause = milliseconds(1),
                     .longest_pause = milliseconds(1)});
  EXPECT_NE(delivery.send(nobody), std::nullopt);
  // The next one is tried all the same; a slow machine may need some that time ends.
  while (delivery.send(request())) continue;
  EXPECT_GE(tries_, 1u);
}

TEST_F(DeliveryTest, StopAt_EndsAPause) {
  serve({503});
  Delivery delivery({.total = std::chrono::hours(2),
                     .first_pause = std::chrono::hours(1),
                     .longest_pause = std::chrono::hours(1)});
  std::thread other([&] {
    while (tries_ == 0) std::this_thread::yield();
    delivery.stop_at(std::chrono::steady_clock::now());
  });
  EXPECT_EQ(delivery.send(request()), "status 503: why ");
  EXPECT_EQ(tries_, 1u);
  other.join();
}

}  // namespace
}  // namespace weft::exports
