#include "integrations/http/http_answer.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

net::Response response(int status, std::string type, std::string body) {
  net::Response out{.status = status, .body = std::move(body)};
  if (!type.empty()) out.headers.add("Content-Type", std::move(type));
  return out;
}

TEST(HttpAnswer, Success_BecomesTheResult) {
  struct Case {
    net::Response response;
    const char* output;
  };
  for (const Case& each : {
           Case{response(200, "application/json", R"({"a":[1, 2]})"),
                R"({"Headers":{"content-type":["application/json"]},"ResponseBody":{"a":[1, 2]},)"
                R"("StatusCode":200,"StatusText":"OK"})"},
           Case{response(201, "Application/Problem+JSON; charset=utf-8", "5"),
                R"({"Headers":{"content-type":["Application/Problem+JSON; charset=utf-8"]},)"
                R"("ResponseBody":5,"StatusCode":201,"StatusText":"Created"})"},
           Case{response(200, "application/json", "{broken"),
                R"({"Headers":{"content-type":["application/json"]},"ResponseBody":"{broken",)"
                R"("StatusCode":200,"StatusText":"OK"})"},
           Case{response(200, "text/plain", "{\"a\":1}\n"),
                R"({"Headers":{"content-type":["text/plain"]},"ResponseBody":"{\"a\":1}\n",)"
                R"("StatusCode":200,"StatusText":"OK"})"},
           Case{response(204, "", ""),
                R"({"Headers":{},"StatusCode":204,"StatusText":"No Content"})"},
       }) {
    const HttpOutcome outcome = outcome_of(each.response);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.output, each.output);
  }
}

TEST(HttpAnswer, Headers_AreListsUnderLowerNames) {
  net::Response two{.status = 200};
  two.headers.add("Set-Cookie", "a=1");
  two.headers.add("X", "\xff");
  two.headers.add("set-cookie", "b=\"2\"");
  EXPECT_EQ(outcome_of(two).output,
            R"({"Headers":{"set-cookie":["a=1","b=\"2\""],"x":[""]},"StatusCode":200,)"
            R"("StatusText":"OK"})");
}

TEST(HttpAnswer, OtherStatus_IsAnErrorWithItsText) {
  for (const auto& [status, phrase] : {std::pair{404, "Not Found"}, {302, "Found"}, {599, ""}}) {
    const HttpOutcome outcome = outcome_of(response(status, "text/plain", "why"));
    EXPECT_EQ(outcome.error, "States.Http.StatusCode." + std::to_string(status));
    EXPECT_EQ(outcome.cause, phrase);
  }
}

TEST(HttpAnswer, Bytes_AreNoResult) {
  for (const auto& each :
       {response(200, "image/png", "x"), response(200, "application/octet-stream", "x"),
        response(200, "text/plain", "\xff\xfe")}) {
    EXPECT_EQ(outcome_of(each).error, "States.Runtime");
  }
}

}  // namespace
}  // namespace weft::http
