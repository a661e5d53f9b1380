#include "integrations/http/http_task.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integrations/http/connection.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::http {
namespace {

// The request as tests/http/requests.json writes it.
std::string described(const net::ClientRequest& request) {
  std::string headers;
  for (const auto& [name, value] : request.headers.fields) {
    if (!headers.empty()) headers += ", ";
    headers += name + ": " + value;
  }
  return fmt::format("{} {}\n{}\n{}", request.method, request.url, headers, request.body);
}

std::string outcome_of_case(const json::Value& one, json::Arena& arena) {
  const std::string parameters = json::to_text(one.find("parameters"));
  auto task = HttpTask::parse(parameters, arena);
  if (!task) return task.error().message;
  Connection connection;
  if (one.find("connection").is_object()) {
    auto parsed = Connection::parse("c", json::to_text(one.find("connection")));
    if (!parsed) return parsed.error().message;
    connection = std::move(*parsed);
  }
  auto request = task->request(&connection, "us-east-1", arena);
  if (!request) return request.error().message;
  return described(*request);
}

TEST(HttpTask, Requests_AreThoseOfTheCases) {
  std::ifstream file(WEFT_SOURCE_DIR "/tests/http/requests.json");
  std::stringstream text;
  text << file.rdbuf();
  json::Arena arena;
  const std::string bytes = text.str();
  const auto cases = json::parse(bytes, arena);
  ASSERT_TRUE(cases.has_value()) << cases.error().message;
  ASSERT_GT(cases->size(), 0u);
  for (size_t i = 0; i < cases->size(); ++i) {
    const json::Value& one = cases->item(i);
    const json::Value expected = one.find("error");
    std::string want(expected.as_string());
    if (!expected.is_string()) {
      const json::Value request = one.find("request");
      for (size_t line = 0; line < request.size(); ++line) {
        want += (line > 0 ? "\n" : "") + std::string(request.item(line).as_string());
      }
    }
    EXPECT_EQ(outcome_of_case(one, arena), want) << one.find("name").as_string();
  }
}

TEST(HttpTask, ManyValues_NeverBreakALine) {
  for (const char* text :
       {R"({"ApiEndpoint":"http://h/\r\nX: y","Method":"GET"})",
        R"({"ApiEndpoint":"http://h/","Method":"GET\r\nX: y"})",
        R"({"ApiEndpoint":"http://h/","Method":"GET","Headers":{"A":"b\r\nX: y"}})",
        R"({"ApiEndpoint":"http://h/","Method":"GET","Headers":{"A\n":"b"}})"}) {
    json::Arena arena;
    EXPECT_FALSE(HttpTask::parse(text, arena).has_value()) << text;
  }
}

}  // namespace
}  // namespace weft::http
