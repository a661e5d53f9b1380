#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "net/raw_client.h"
#include "net/server.h"
#include "sync/mutex.h"

// Bodies that are written piece by piece.

namespace weft::net {
namespace {

// Says when it is gone.
struct Life {
  std::promise<void> started;
  std::promise<void> ended;
};

// Pieces that somebody puts in; nothing after end().
class Pieces : public BodySource {
 public:
  explicit Pieces(Life& life) : life_(life) {}
  ~Pieces() override { life_.ended.set_value(); }
  void start(std::function<void()> wake) override {
    {
      const sync::MutexLock lock(mutex_);
      wake_ = std::move(wake);
    }
    life_.started.set_value();
  }
  std::optional<std::string> take() override {
    const sync::MutexLock lock(mutex_);
    if (pieces_.empty()) return over_ ? std::nullopt : std::optional<std::string>("");
    std::string piece = std::move(pieces_.front());
    pieces_.erase(pieces_.begin());
    return piece;
  }
  void put(std::string piece) {
    const sync::MutexLock lock(mutex_);
    pieces_.push_back(std::move(piece));
    if (wake_) wake_();
  }
  void end() {
    const sync::MutexLock lock(mutex_);
    over_ = true;
    if (wake_) wake_();
  }

 private:
  Life& life_;
  sync::Mutex mutex_;
  std::vector<std::string> pieces_ WEFT_GUARDED_BY(mutex_);
  std::function<void()> wake_ WEFT_GUARDED_BY(mutex_);
  bool over_ WEFT_GUARDED_BY(mutex_) = false;
};

// More and more, as fast as it is taken.
class Endless : public BodySource {
 public:
  explicit Endless(Life& life) : life_(life) {}
  ~Endless() override { life_.ended.set_value(); }
  void start(std::function<void()> /*wake*/) override { life_.started.set_value(); }
  std::optional<std::string> take() override { return std::string(64 * 1024, 'x'); }

 private:
  Life& life_;
};

class StreamTest : public ::testing::Test {
 protected:
  void serve(std::function<std::shared_ptr<BodySource>()> source, Limits limits = {}) {
    auto listening = HttpServer::listen(
        loop_, "127.0.0.1", 0,
        [source = std::move(source)](const Request&, Responder responder) {
          responder(Response{.stream = source()});
        },
        limits);
    ASSERT_TRUE(listening.has_value());
    server_ = std::move(*listening);
    loop_.start(2);
  }

  Life life_;  // outlives the loop, and with it the sources
  Loop loop_;
  std::unique_ptr<HttpServer> server_;
};

constexpr std::string_view kAsk = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(StreamTest, PiecesComeAsChunksWhenTheyAreThere) {
  auto pieces = std::make_shared<Pieces>(life_);
  Pieces& source = *pieces;
  serve([&] { return std::exchange(pieces, nullptr); });
  RawClient client(server_->port());
  client.send(kAsk);
  life_.started.get_future().wait();
  source.put("first");
  source.put("second piece");
  source.end();
  const std::string all = client.read_all();
  EXPECT_NE(all.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos) << all;
  EXPECT_NE(all.find("\r\nConnection: close\r\n"), std::string::npos) << all;
  EXPECT_EQ(all.find("Content-Length"), std::string::npos) << all;
  EXPECT_TRUE(all.ends_with("\r\n\r\n5\r\nfirst\r\nc\r\nsecond piece\r\n0\r\n\r\n")) << all;
  life_.ended.get_future().wait();
}

TEST_F(StreamTest, ForHttp10TheEndOfTheConnectionIsTheEnd) {
  auto pieces = std::make_shared<Pieces>(life_);
  pieces->put("all");
  pieces->end();
  serve([&] { return std::exchange(pieces, nullptr); });
  RawClient client(server_->port());
  client.send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\nall"));
}

TEST_F(StreamTest, TheAnswerToHeadHasNoBody) {
  auto pieces = std::make_shared<Pieces>(life_);
  serve([&] { return std::exchange(pieces, nullptr); });
  RawClient client(server_->port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\n"));
  life_.ended.get_future().wait();
}

// Also while nothing is sent: nobody would notice otherwise.
TEST_F(StreamTest, AReaderWhoLeavesFreesTheSource) {
  auto pieces = std::make_shared<Pieces>(life_);
  serve([&] { return std::exchange(pieces, nullptr); });
  RawClient client(server_->port());
  client.send(kAsk);
  life_.started.get_future().wait();
  client.close();
  life_.ended.get_future().wait();
}

TEST_F(StreamTest, AReaderWhoTakesNothingIsCutOff) {
  serve([&] { return std::make_shared<Endless>(life_); },
        {.stream_stall = std::chrono::seconds(1)});
  RawClient client(server_->port());
  client.send(kAsk);
  life_.ended.get_future().wait();
}

TEST_F(StreamTest, AServerThatClosesEndsItsStreams) {
  auto pieces = std::make_shared<Pieces>(life_);
  serve([&] { return std::exchange(pieces, nullptr); });
  RawClient client(server_->port());
  client.send(kAsk);
  life_.started.get_future().wait();
  server_->close();
  life_.ended.get_future().wait();
}

}  // namespace
}  // namespace weft::net
