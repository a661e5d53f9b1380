// What the server makes of requests that RFC 9112 allows and of those that it does not: the cases
// of tests/net/rfc9112.json. `send` goes over a connection as it stands; `answers` are the statuses
// of all that comes back, `bodies` what the handler understood of the accepted requests.
#include <fstream>
#include <sstream>
#include <vector>

#include "json/parse.h"
#include "net/raw_client.h"
#include "net/server.h"

namespace weft::net {
namespace {

constexpr uint64_t kBodyBytes = 4096;
constexpr uint64_t kSmallBodyBytes = 10;

Response understood(const Request& request) {
  Response response;
  response.body = request.method + " " + request.path + " " + std::to_string(request.body_size());
  const std::string_view host = request.headers.get("host");
  if (host.starts_with("other")) response.body += " host=" + std::string(host);
  return response;
}

// The statuses and the bodies of the responses in `text`, one behind the other.
void read_answers(std::string_view text, std::vector<int64_t>& answers,
                  std::vector<std::string>& bodies) {
  while (text.starts_with("HTTP/1.1 ")) {
    const int status = std::atoi(std::string(text.substr(9, 3)).c_str());
    const size_t end = text.find("\r\n\r\n");
    ASSERT_NE(end, std::string_view::npos);
    const std::string_view head = text.substr(0, end);
    const size_t field = head.find("Content-Length: ");
    size_t length = 0;
    if (field != std::string_view::npos) {
      length = std::strtoull(std::string(head.substr(field + 16)).c_str(), nullptr, 10);
    }
    answers.push_back(status);
    if (status == 200) bodies.emplace_back(text.substr(end + 4, length));
    text.remove_prefix(std::min(text.size(), end + 4 + length));
  }
  EXPECT_EQ(text, "") << "bytes that are no response";
}

TEST(Rfc9112, EveryCase_GetsItsAnswers) {
  std::ostringstream text;
  text << std::ifstream(WEFT_SOURCE_DIR "/tests/net/rfc9112.json").rdbuf();
  const std::string cases_text = text.str();
  json::Arena arena;
  const auto cases = json::parse(cases_text, arena);
  ASSERT_TRUE(cases);
  Loop loop;
  Limits limits{.header_bytes = 2048, .body_bytes = kBodyBytes};
  limits.body_limit = [](const Request& request) {
    return request.path == "/small" ? kSmallBodyBytes : UINT64_MAX;
  };
  auto server = HttpServer::listen(
      loop, "127.0.0.1", 0,
      [](Request request, Responder responder) { responder(understood(request)); }, limits);
  ASSERT_TRUE(server);
  loop.start(1);
  for (uint32_t i = 0; i < cases->size(); ++i) {
    const json::Value test = cases->item(i);
    SCOPED_TRACE(std::string(test.find("name").as_string()));
    RawClient client((*server)->port());
    client.send(test.find("send").as_string());
    client.end_sending();
    std::vector<int64_t> answers;
    std::vector<std::string> bodies;
    read_answers(client.read_all(), answers, bodies);
    std::vector<int64_t> expected;
    const json::Value wanted = test.find("answers");
    for (uint32_t k = 0; k < wanted.size(); ++k) expected.push_back(wanted.item(k).as_int());
    EXPECT_EQ(answers, expected);
    const json::Value wanted_bodies = test.find("bodies");
    for (uint32_t k = 0; k < wanted_bodies.size() && k < bodies.size(); ++k) {
      EXPECT_EQ(bodies[k], wanted_bodies.item(k).as_string());
    }
  }
  EXPECT_GT(cases->size(), 90U);
  (*server)->close();
  loop.stop();
}

// The statuses of requests of `length` bytes that are kept waiting, so that all are there at once.
TEST(Spool, RefusesWhatFindsNoRoom_AndTakesItWhenThereIs) {
  Loop loop;
  Limits limits{.memory_body_bytes = 10, .spool_bytes = 100};
  std::vector<Request> held;
  auto server = HttpServer::listen(
      loop, "127.0.0.1", 0,
      [&](Request request, Responder responder) {
        if (request.path == "/release") held.clear();
        Response response;
        response.body = request.spooled ? "spooled" : "in memory";
        if (request.path == "/hold") held.push_back(std::move(request));
        responder(std::move(response));
      },
      limits);
  ASSERT_TRUE(server);
  loop.start(1);
  const auto post = [&](const std::string& path, size_t length) {
    RawClient client((*server)->port());
    client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                std::to_string(length) + "\r\n\r\n" + std::string(length, 'x'));
    return client.read_response().substr(9, 3);
  };
  const auto post_chunked = [&](size_t length) {
    RawClient client((*server)->port());
    std::string body;
    for (size_t i = 0; i < length; ++i) body += "1\r\nx\r\n";
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body +
                "0\r\n\r\n");
    return client.read_response().substr(9, 3);
  };
  EXPECT_EQ(post("/", 101), "503") << "more than there is altogether";
  EXPECT_EQ(post_chunked(101), "503");
  EXPECT_EQ(post("/", 100), "200");
  EXPECT_EQ(post("/", 100), "200") << "what was answered gave its room back";
  EXPECT_EQ(post("/hold", 60), "200");
  EXPECT_EQ(post("/", 60), "503");
  EXPECT_EQ(post_chunked(60), "503");
  EXPECT_EQ(post("/", 40), "200");
  EXPECT_EQ(post("/", 10), "200") << "bodies in memory need no room";
  EXPECT_EQ(post("/release", 0), "200");
  EXPECT_EQ(post("/", 60), "200");
  (*server)->close();
  loop.stop();
}

}  // namespace
}  // namespace weft::net
