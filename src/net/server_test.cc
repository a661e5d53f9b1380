#include "net/server.h"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/raw_client.h"
#include "net/worker_pool.h"

namespace weft::net {
namespace {

std::string body_of(const std::string& response) {
  size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

// Answers with what it understood of the request.
Response describe(const Request& request) {
  Response response;
  response.headers.set("Content-Type", "text/plain");
  std::string body = request.body;
  if (request.spooled) {
    body.assign(request.spooled->size(), '\0');
    EXPECT_EQ(::pread(request.spooled->fd(), body.data(), body.size(), 0),
              static_cast<ssize_t>(body.size()));
    response.headers.set("X-Spooled", "yes");
  }
  response.body = request.method + "|" + request.path + "|" + request.query + "|" + body;
  return response;
}

class HttpServerTest : public ::testing::Test {
 protected:
  void serve(Handler handler, Limits limits = {}) {
    auto listening = HttpServer::listen(loop_, "127.0.0.1", 0, std::move(handler), limits);
    ASSERT_TRUE(listening.has_value());
    server_ = std::move(*listening);
    loop_.start(2);
  }
  void serve_description(Limits limits = {}) {
    serve([](Request request, Responder responder) { responder(describe(request)); }, limits);
  }
  std::string exchange(std::string_view text) {
    RawClient client(server_->port());
    client.send(text);
    return client.read_response();
  }

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, Answers_AreNoDocumentsThatRun) {
  serve([](const Request& request, Responder responder) {
    Response response{.status = request.path == "/lost" ? 404 : 200};
    response.headers.set("Content-Type", "text/html");
    if (request.path == "/page") response.headers.set("Content-Security-Policy", "script-src x");
    responder(std::move(response));
  });
  const auto ask = [&](const std::string& text) {
    RawClient client(server_->port());
    client.send(text);
    return client.read_all();
  };
  const std::string sandbox = "Content-Security-Policy: sandbox; default-src 'none'\r\n";
  const std::string sniff = "X-Content-Type-Options: nosniff\r\n";
  for (const char* line : {"GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET /lost HTTP/1.1", "broken"}) {
    const std::string answer = ask(std::string(line) + "\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find(sandbox), std::string::npos) << line << "\n" << answer;
    EXPECT_NE(answer.find(sniff), std::string::npos) << line << "\n" << answer;
  }
  const std::string page = ask("GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(page.find(sandbox), std::string::npos) << page;
  EXPECT_NE(page.find("Content-Security-Policy: script-src x\r\n"), std::string::npos) << page;
}

TEST_F(HttpServerTest, Get_AnswersPathAndQueryAsSent) {
  serve_description();
  std::string response = exchange("GET /a%20b?x=1&y HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
  EXPECT_EQ(body_of(response), "GET|/a%20b|x=1&y|");
}

TEST_F(HttpServerTest, KeepAlive_ServesManyRequestsOnOneConnection) {
  serve_description();
  RawClient client(server_->port());
  for (int i = 0; i < 100; ++i) {
    client.send("POST /n HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(body_of(client.read_response()), "POST|/n||abc");
  }
}

TEST_F(HttpServerTest, TwoRequestsInOnePacket_AnsweredInOrder) {
  serve_description();
  RawClient client(server_->port());
  client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(body_of(client.read_response()), "GET|/1||");
  EXPECT_EQ(body_of(client.read_response()), "GET|/2||");
}

TEST_F(HttpServerTest, Connection_TellsThatItsClientIsGone) {
  std::promise<std::pair<std::shared_ptr<Connection>, Responder>> came;
  serve([&](Request request, Responder responder) {
    came.set_value({request.connection, std::move(responder)});
  });
  auto client = std::make_unique<RawClient>(server_->port());
  client->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  auto [connection, responder] = came.get_future().get();
  ASSERT_NE(connection, nullptr);
  EXPECT_FALSE(connection->is_gone());
  client.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!connection->is_gone()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  responder({});
  // Also when nothing is left of it.
  server_.reset();
  EXPECT_TRUE(connection->is_gone());
}

TEST_F(HttpServerTest, ConnectionClose_EndsAfterAnswer) {
  serve_description();
  RawClient client(server_->port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(client.read_all().find("Connection: close\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, ChunkedBody_IsDecoded) {
  serve_description();
  EXPECT_EQ(body_of(exchange("PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n")),
            "PUT|/c||abcdefg");
}

TEST_F(HttpServerTest, ExpectContinue_IsAnsweredBeforeTheBody) {
  serve_description();
  RawClient client(server_->port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_of(client.read_response()), "PUT|/||ok");
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(client.read_response()), "PUT|/||");
}

TEST_F(HttpServerTest, LargeBody_ArrivesInASpool) {
  serve_description({.memory_body_bytes = 1000});
  std::string body(300'000, 'x');
  std::string request = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + body;
  std::string response = exchange(request);
  EXPECT_NE(response.find("X-Spooled: yes"), std::string::npos);
  EXPECT_EQ(body_of(response), "PUT|/||" + body);
}

TEST_F(HttpServerTest, BodyOverLimit_413) {
  serve_description({.body_bytes = 10});
  EXPECT_TRUE(exchange("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n01234567890")
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(exchange("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "b\r\n01234567890\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, HeaderOverLimit_431) {
  serve_description({.header_bytes = 2000});
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'a') + "\r\n\r\n")
                  .starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(exchange("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n")
                  .starts_with("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, LongChunkExtensionsAndTrailers_431) {
  serve_description();
  const std::string begin = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string filler(500'000, 'a');
  for (const std::string& body : {"3;" + filler, "3\r\nabc\r\n0\r\nA: " + filler,
                                  "3\r\nabc\r\n0\r\nA: " + filler.substr(0, 70'000) + "\r\n\r\n"}) {
    EXPECT_TRUE(exchange(begin + body).starts_with("HTTP/1.1 431 ")) << body.size();
  }
}

TEST_F(HttpServerTest, Head_KeepsLengthAndSendsNoBody) {
  serve([](Request, Responder responder) {
    Response response;
    response.headers.set("Content-Length", "12345");
    responder(std::move(response));
  });
  RawClient client(server_->port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  std::string all = client.read_all();
  EXPECT_NE(all.find("Content-Length: 12345\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, HeaderValueWithLineBreak_StartsNoHeader) {
  serve([](Request, Responder responder) {
    Response response;
    response.headers.set("X-A", "1\r\nX-B: 2");
    responder(std::move(response));
  });
  EXPECT_NE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").find("X-A: 1  X-B: 2\r\n"),
            std::string::npos);
}

TEST_F(HttpServerTest, FileResponse_SendsTheRange) {
  std::string path = ::testing::TempDir() + "weft_net_file";
  std::string content;
  for (int i = 0; i < 1'000'000; ++i) content += std::to_string(i) + "\n";
  std::ofstream(path) << content;
  auto file = std::make_shared<FileDescriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  serve([file, size = content.size()](Request, Responder responder) {
    Response response;
    response.file = FileRange{file, 5, size - 10};
    responder(std::move(response));
  });
  EXPECT_EQ(body_of(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n")),
            content.substr(5, content.size() - 10));
  ::unlink(path.c_str());
}

TEST_F(HttpServerTest, ClientGoneDuringFileResponse_ServerLivesOn) {
  std::string path = ::testing::TempDir() + "weft_net_sparse";
  auto file = std::make_shared<FileDescriptor>(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  ASSERT_EQ(::ftruncate(file->get(), 1LL << 30), 0);
  ::unlink(path.c_str());
  serve([file](Request request, Responder responder) {
    Response response;
    if (request.path == "/file") response.file = FileRange{file, 0, 1ULL << 30};
    responder(std::move(response));
  });
  for (int i = 0; i < 4; ++i) {
    RawClient client(server_->port());
    client.send("GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
    client.close();
  }
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, DroppedResponder_500) {
  serve([](Request, Responder) {});
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500 "));
}

TEST_F(HttpServerTest, ResponderCalledFromAnotherThread_Answers) {
  WorkerPool pool(2);
  serve(blocking(pool, [](Request request) { return describe(request); }));
  EXPECT_EQ(body_of(exchange("GET /w HTTP/1.1\r\nHost: h\r\n\r\n")), "GET|/w||");
  server_->close();
  loop_.stop();
}

TEST_F(HttpServerTest, ManyLongPolls_AnsweredLater) {
  std::mutex mutex;
  std::vector<Responder> waiting;
  std::promise<void> all_wait;
  constexpr size_t kPolls = 400;
  serve(
      [&](Request, Responder responder) {
        std::lock_guard lock(mutex);
        waiting.push_back(std::move(responder));
        if (waiting.size() == kPolls) all_wait.set_value();
      },
      {.idle_timeout = std::chrono::hours(1)});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (size_t i = 0; i < kPolls; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  all_wait.get_future().wait();
  for (auto& responder : waiting) {
    Response response;
    response.body = "now";
    responder(std::move(response));
  }
  for (auto& client : clients) EXPECT_EQ(body_of(client->read_response()), "now");
}

TEST_F(HttpServerTest, AnswerAfterLoopIsGone_IsHarmless) {
  Responder kept;
  {
    Loop loop;
    std::promise<void> arrived;
    auto server = HttpServer::listen(loop, "127.0.0.1", 0, [&](Request, Responder responder) {
      kept = std::move(responder);
      arrived.set_value();
    });
    loop.start(1);
    RawClient client((*server)->port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    arrived.get_future().wait();
    loop.stop();
  }
  kept(Response{});
}

TEST_F(HttpServerTest, IdleConnection_IsClosedAfterTheTimeout) {
  serve_description({.idle_timeout = std::chrono::seconds(0)});
  RawClient client(server_->port());
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, SlowBody_IsCutOff) {
  serve_description({.bytes_per_second = 1u << 30, .slow_grace = std::chrono::seconds(0)});
  RawClient client(server_->port());
  client.send("POST /n HTTP/1.1\r\nHost: h\r\nContent-Length: 300\r\n\r\nabc");
  EXPECT_EQ(client.read_all(), "");
}

// It takes nothing: more than the kernel keeps for it waits.
TEST_F(HttpServerTest, SlowReader_IsCutOff) {
  std::promise<void> ended;
  struct Told {
    std::promise<void>& ended;
    ~Told() { ended.set_value(); }
  };
  const auto file = std::make_shared<FileDescriptor>(::open("/dev/zero", O_RDONLY));
  serve(
      [&](Request, Responder responder) {
        Response response;
        // Gone with the answer.
        auto told = std::make_shared<Told>(ended);
        response.file = FileRange{
            std::shared_ptr<const FileDescriptor>(file.get(), [told](const FileDescriptor*) {}), 0,
            1ULL << 40};
        responder(std::move(response));
      },
      {.bytes_per_second = 1ULL << 40, .slow_grace = std::chrono::seconds(1)});
  RawClient client(server_->port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ended.get_future().wait();
}

TEST_F(HttpServerTest, IdleConnections_GiveWay) {
  constexpr size_t kConnections = 8;
  serve_description({.idle_timeout = std::chrono::hours(1), .connections = kConnections});
  std::vector<std::unique_ptr<RawClient>> idle;
  // More than there may be for a moment.
  for (size_t i = 0; i < 2 * kConnections; ++i)
    idle.push_back(std::make_unique<RawClient>(server_->port()));
  // One that is not accepted is closed without an answer; those that never asked go for it.
  std::string answer;
  while (answer.empty()) {
    idle.push_back(std::make_unique<RawClient>(server_->port()));
    idle.back()->send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    answer = idle.back()->read_response();
  }
  EXPECT_EQ(body_of(answer), "GET|/a||");
}

TEST_F(HttpServerTest, HalfHeads_GiveWay) {
  constexpr size_t kConnections = 8;
  serve_description({.idle_timeout = std::chrono::hours(1),
                     .header_timeout = std::chrono::hours(1),
                     .connections = kConnections});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (size_t i = 0; i < 2 * kConnections; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port()));
    slow.back()->send("GET /slow HTTP/1.1\r\nHo");
  }
  std::string answer;
  while (answer.empty()) {
    RawClient client(server_->port());
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    answer = client.read_response();
  }
  EXPECT_EQ(body_of(answer), "GET|/a||");
}

TEST_F(HttpServerTest, BytesInFlight_AreCountedOverAllConnections) {
  const auto budget = std::make_shared<ByteBudget>(1'000);
  std::promise<void> arrived;
  Responder kept;
  serve(
      [&](Request request, Responder responder) {
        if (request.path == "/keep") {
          kept = std::move(responder);
          return arrived.set_value();
        }
        responder(describe(request));
      },
      {.in_flight = budget});
  RawClient first(server_->port());
  first.send("POST /keep HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n" +
             std::string(900, 'x'));
  arrived.get_future().wait();
  const std::string more =
      "POST /n HTTP/1.1\r\nHost: h\r\nContent-Length: 200\r\n\r\n" + std::string(200, 'y');
  EXPECT_TRUE(exchange(more).starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(exchange("POST /n HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n" +
                       std::string(200, 'y') + "\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 503"));
  const std::string long_answer = "GET /" + std::string(200, 'z') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_TRUE(exchange(long_answer).starts_with("HTTP/1.1 503"));
  kept(Response{});
  first.read_response();
  // The room is free when the answer is written, which its reader may see a little earlier.
  while (!exchange(more).starts_with("HTTP/1.1 200")) {
  }
  EXPECT_TRUE(exchange(long_answer).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, Close_EndsIdleConnectionsAndRefusesNewOnes) {
  serve_description();
  RawClient client(server_->port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_response();
  server_->close();
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, UsedPort_SaysSo) {
  serve_description();
  auto second = HttpServer::listen(loop_, "127.0.0.1", server_->port(), [](Request, Responder) {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(
      second.error().message,
      "cannot listen on 127.0.0.1:" + std::to_string(server_->port()) + ": address already in use");
  auto bad = HttpServer::listen(loop_, "localhost:1", 80, [](Request, Responder) {});
  EXPECT_EQ(bad.error().code, base::ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace weft::net
