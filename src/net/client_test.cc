#include "net/client.h"

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server.h"
#include "net/url.h"

namespace weft::net {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;
constexpr milliseconds kLong{30'000};

TEST(Url, Parse_TakesApartWhatItAccepts) {
  struct Case {
    const char* text;
    bool tls;
    const char* host;
    const char* port;
    const char* target;
    const char* authority;
  };
  for (const Case& each : {
           Case{"http://h", false, "h", "80", "/", "h"},
           Case{"https://h.example/a%20b?x=1#part", true, "h.example", "443", "/a%20b?x=1",
                "h.example"},
           Case{"http://127.0.0.1:4318?x", false, "127.0.0.1", "4318", "/?x", "127.0.0.1:4318"},
           Case{"https://[::1]:8443/", true, "::1", "8443", "/", "[::1]:8443"},
       }) {
    const auto url = Url::parse(each.text);
    ASSERT_TRUE(url.has_value()) << each.text;
    EXPECT_EQ(url->tls, each.tls) << each.text;
    EXPECT_EQ(url->host, each.host) << each.text;
    EXPECT_EQ(url->port, each.port) << each.text;
    EXPECT_EQ(url->target, each.target) << each.text;
    EXPECT_EQ(url->authority(), each.authority) << each.text;
  }
}

TEST(Url, Parse_RefusesOthers) {
  for (const char* text :
       {"", "h:80", "ftp://h", "http://", "http:///p", "http://u:p@h", "http://h:x",
        "http://h:70000", "http://h/a b", "http://[::1", "http://[::1]80"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url.has_value()) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument) << text;
  }
}

// Serves one exchange a connection with bytes of the test's choice.
class RawServer {
 public:
  explicit RawServer(std::string answer) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    socklen_t length = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    url_ = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port));
    thread_ = std::thread([this, answer = std::move(answer)] {
      int peer;
      while ((peer = ::accept(socket_, nullptr, nullptr)) >= 0) {
        char buffer[4096];
        if (::recv(peer, buffer, sizeof(buffer), 0) > 0) {
          ++served_;  // before the client can know
          ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        ::close(peer);
      }
    });
  }
  ~RawServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  const std::string& url() const { return url_; }
  int served() const { return served_; }

 private:
  int socket_;
  std::string url_;
  std::atomic<int> served_ = 0;
  std::thread thread_;
};

class HttpClientTest : public ::testing::Test {
 protected:
  void serve(Handler handler) {
    auto listening = HttpServer::listen(loop_, "127.0.0.1", 0, std::move(handler));
    ASSERT_TRUE(listening.has_value());
    server_ = std::move(*listening);
    loop_.start(2);
  }
  // Answers with what came, and counts connections by their peer.
  void serve_echo() {
    serve([](Request request, Responder respond) {
      Response response{.status = request.method == "DELETE" ? 404 : 200};
      response.headers.set("X-Peer", request.peer);
      response.headers.set("X-Host", std::string(request.headers.get("host")));
      response.headers.set("X-Given", std::string(request.headers.get("x-given")));
      response.body = request.method + "|" + request.target + "|" + request.body;
      respond(std::move(response));
    });
  }
  std::string url(const std::string& target) const {
    return fmt::format("http://127.0.0.1:{}{}", server_->port(), target);
  }

  Loop loop_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpClientTest, Request_CarriesMethodTargetHeadersAndBody) {
  serve_echo();
  HttpClient client;
  ClientRequest request{.method = "POST", .url = url("/a%20b?x=1"), .body = "hello"};
  request.headers.add("X-Given", "v");
  const auto answer = client.request(request, kLong);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "POST|/a%20b?x=1|hello");
  EXPECT_EQ(answer->headers.get("x-given"), "v");
  EXPECT_EQ(answer->headers.get("x-host"), fmt::format("127.0.0.1:{}", server_->port()));
}

TEST_F(HttpClientTest, Requests_ShareAConnection) {
  serve_echo();
  HttpClient client;
  const auto first = client.request({.url = url("/1")}, kLong);
  const auto second = client.request({.method = "HEAD", .url = url("/2")}, kLong);
  const auto third = client.request({.method = "DELETE", .url = url("/3")}, kLong);
  ASSERT_TRUE(first && second && third);
  EXPECT_EQ(second->body, "");
  EXPECT_EQ(third->status, 404);
  EXPECT_EQ(third->body, "DELETE|/3|");
  EXPECT_EQ(first->headers.get("x-peer"), second->headers.get("x-peer"));
  EXPECT_EQ(first->headers.get("x-peer"), third->headers.get("x-peer"));
}

TEST_F(HttpClientTest, LargeBodies_Arrive) {
  serve_echo();
  HttpClient client;
  const std::string body(7'000'000, 'x');
  const auto answer = client.request({.method = "PUT", .url = url("/"), .body = body}, kLong);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body.size(), body.size() + 6);
}

TEST_F(HttpClientTest, Threads_DoNotWaitForEachOther) {
  std::mutex mutex;
  std::vector<Responder> kept;
  serve([&](Request, Responder respond) {  // answers when both are there
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
    if (kept.size() < 2) return;
    for (Responder& each : kept) each(Response{});
  });
  HttpClient client;
  std::thread other([&] { EXPECT_TRUE(client.request({.url = url("/")}, kLong)); });
  EXPECT_TRUE(client.request({.url = url("/")}, kLong));
  other.join();
}

TEST_F(HttpClientTest, Start_NeedsNoThreadForEachRequest) {
  constexpr int kCalls = 200;
  std::mutex mutex;
  std::vector<Responder> kept;
  serve([&](Request, Responder respond) {  // answers when all are there
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
    if (kept.size() < kCalls) return;
    for (Responder& each : kept) each(Response{});
  });
  HttpClient client;
  std::latch answered(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    client.start({.url = url("/")}, [&](base::Result<Response> answer) {
      EXPECT_TRUE(answer.has_value());
      answered.count_down();
    });
  }
  answered.wait();
}

TEST_F(HttpClientTest, Cancel_ClosesTheConnectionAndKeepsSilent) {
  std::promise<Responder> arrived;
  serve([&](Request request, Responder respond) {
    if (request.target == "/silent") return arrived.set_value(std::move(respond));
    respond(Response{});
  });
  HttpClient client;
  const uint64_t number = client.start(
      {.url = url("/silent")}, [](base::Result<Response>) { ADD_FAILURE() << "it was cancelled"; });
  const Responder kept = arrived.get_future().get();
  client.cancel(number);
  client.cancel(number);  // nothing
  EXPECT_TRUE(client.request({.url = url("/")}, kLong).has_value());
}

TEST_F(HttpClientTest, Destructor_DropsWhatIsAtHand) {
  std::promise<Responder> arrived;
  serve([&](Request, Responder respond) { arrived.set_value(std::move(respond)); });
  auto client = std::make_unique<HttpClient>();
  client->start({.url = url("/")}, [](base::Result<Response>) { ADD_FAILURE(); });
  const Responder kept = arrived.get_future().get();
  client.reset();
}

TEST_F(HttpClientTest, MayConnect_SeesTheAddressThatANameStandsFor) {
  serve_echo();
  const auto no_loopback = [](std::string_view, const IpAddress& address) {
    return address != IpAddress::of_v4({127, 0, 0, 1}) && address.text() != "::1";
  };
  HttpClient client({.may_connect = no_loopback});
  // Spellings that only the resolver understands are judged by what they come to.
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1",
                           "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]"}) {
    const auto answer =
        client.request({.url = fmt::format("http://{}:{}/", host, server_->port())}, kLong);
    ASSERT_FALSE(answer.has_value()) << host;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << answer.error().message;
    EXPECT_TRUE(answer.error().message.ends_with("is denied")) << answer.error().message;
  }
  HttpClient other(
      {.may_connect = [](std::string_view host, const IpAddress&) { return host == "127.0.0.1"; }});
  EXPECT_TRUE(other.request({.url = url("/")}, kLong).has_value());
}

TEST_F(HttpClientTest, SilentServer_TimesOut) {
  std::vector<Responder> kept;
  serve([&](Request, Responder respond) { kept.push_back(std::move(respond)); });
  HttpClient client;
  const auto answer = client.request({.url = url("/")}, milliseconds(1));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(answer.error().message.ends_with("no answer in time")) << answer.error().message;
  loop_.stop();
}

TEST_F(HttpClientTest, LargeAnswer_Refused) {
  serve_echo();
  HttpClient client({.response_bytes = 10});
  const auto answer = client.request({.url = url("/longer-than-ten")}, kLong);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kLimit);
}

TEST_F(HttpClientTest, ClosedPort_SaysSo) {
  serve_echo();
  const std::string gone = url("/");
  server_.reset();
  HttpClient client;
  const auto answer = client.request({.url = gone}, kLong);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(answer.error().message.ends_with("Connection refused")) << answer.error().message;
}

TEST(HttpClient, BadRequests_AreNotSent) {
  HttpClient client;
  for (ClientRequest request : {
           ClientRequest{.url = "nowhere"},
           ClientRequest{.method = "GET /x", .url = "http://127.0.0.1:1/"},
           ClientRequest{.url = "http://127.0.0.1:1/", .headers = {{{"A", "b\r\nC: d"}}}},
           ClientRequest{.url = "http://127.0.0.1:1/", .headers = {{{"A B", "c"}}}},
       }) {
    const auto answer = client.request(request, kLong);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument) << answer.error().message;
  }
}

TEST(HttpClient, Answers_InTheirVariousForms) {
  struct Case {
    const char* answer;
    int status;
    const char* body;
  };
  for (const Case& each : {
           Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200,
                "abc"},
           Case{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 C\r\nContent-Length: 1\r\n\r\nx", 201,
                "x"},
           Case{"HTTP/1.0 503 Busy\r\n\r\nto the end", 503, "to the end"},
           Case{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
       }) {
    RawServer server(each.answer);
    HttpClient client;
    const auto answer = client.request({.url = server.url()}, kLong);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->status, each.status);
    EXPECT_EQ(answer->body, each.body);
  }
}

TEST(HttpClient, NoHttp_IsAnError) {
  for (const char* bytes :
       {"", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"}) {
    RawServer server(bytes);
    HttpClient client;
    const auto answer = client.request({.url = server.url()}, kLong);
    ASSERT_FALSE(answer.has_value()) << bytes;
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  }
}

// What stands beside a body counts for no limit of bodies.
TEST(HttpClient, LongChunkExtensionsAndTrailers_AreRefused) {
  const std::string begin = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string filler(2'000'000, 'a');
  for (const std::string& bytes : {begin + "3;" + filler + "\r\nabc\r\n0\r\n\r\n",
                                   begin + "3\r\nabc\r\n0\r\nA: " + filler + "\r\n\r\n"}) {
    RawServer server(bytes);
    HttpClient client({.response_bytes = 1'000});
    EXPECT_FALSE(client.request({.url = server.url()}, kLong).has_value());
  }
}

TEST(HttpClient, ConnectionClosedMeanwhile_IsReplaced) {
  // The server says keep-alive and closes all the same.
  RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  HttpClient client;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.request({.url = server.url()}, kLong).has_value()) << i;
  }
  EXPECT_EQ(server.served(), 20);
}

}  // namespace
}  // namespace weft::net
