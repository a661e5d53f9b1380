#include "net/origin.h"

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace weft::net {
namespace {

struct OriginCase {
  std::string host;
  std::string origin;
  bool local = true;
  bool allowed = true;
};

TEST(Origin, OthersPagesAndNamesAreRefused) {
  const std::vector<OriginCase> cases = {
      {"127.0.0.1:9338", ""},
      {"localhost:9338", "http://localhost:9338"},
      {"weft.localhost:9338", ""},
      {"[::1]:9338", "http://[::1]:9338"},
      {"LOCALHOST:9338", "http://localhost:9338"},
      {"", ""},
      {"evil.example:9338", "", true, false},
      {"localhost.evil.example", "", true, false},
      {"sync-localhost:9338", ""},
      {"sync-127.0.0.1:9338", ""},
      {"states.eu-west-1.amazonaws.com", ""},
      {"sync-states.eu-west-1.amazonaws.com", ""},
      {"states.evil.eu-west-1.amazonaws.com", "", true, false},
      {"states..amazonaws.com.evil.example", "", true, false},
      {"sync-evil.example", "", true, false},
      {"sync-sync-localhost", "", true, false},
      {"127.0.0.1.evil.example:9338", "", true, false},
      {"[::1].evil.example", "", true, false},
      {"[::1", "", true, false},
      {"127.0.0.1:80:80", "", true, false},
      {"127.0.0.1:9338", "http://evil.example", true, false},
      {"127.0.0.1:9338", "http://127.0.0.1:8080", true, false},
      {"127.0.0.1:9338", "null", true, false},
      {"127.0.0.1:9338", "https://127.0.0.1:9338", true, false},
      {"devbox:9338", "https://devbox:9338", false, false},
      {"devbox:9338", "", false, true},
      {"devbox:9338", "http://devbox:9338", false, true},
      {"devbox:9338", "http://evil.example", false, false},
  };
  for (const OriginCase& one : cases) {
    Request request{.method = "GET", .path = "/_weft/v1/executions"};
    if (!one.host.empty()) request.headers.set("Host", one.host);
    if (!one.origin.empty()) request.headers.set("Origin", one.origin);
    EXPECT_EQ(!refusal(request, one.local).has_value(), one.allowed)
        << one.host << " " << one.origin;
  }
}

TEST(Origin, AllowedOnes_ActAndReadAsOneOfOurs) {
  const std::vector<std::string> allowed = {parse_origin("https://App.example").value()};
  std::vector<std::string> handled;
  const Handler handler = guarded(
      [&](const Request& request, Responder responder) {
        handled.push_back(request.method);
        responder({.status = 200});
      },
      true, allowed);
  const auto ask = [&](const std::string& method, const std::string& origin,
                       const std::string& host = "127.0.0.1:9338") {
    Request request{.method = method, .path = "/"};
    request.headers.set("Host", host);
    request.headers.set("Origin", origin);
    request.headers.set("Sec-Fetch-Site", "cross-site");
    if (method == "OPTIONS") {
      request.headers.set("Access-Control-Request-Method", "POST");
      request.headers.set("Access-Control-Request-Headers", "x-amz-target");
    }
    Response answer;
    handler(std::move(request), [&](Response response) { answer = std::move(response); });
    return answer;
  };
  const Response posted = ask("POST", "https://app.example");
  EXPECT_EQ(posted.status, 200);
  EXPECT_EQ(posted.headers.get("Access-Control-Allow-Origin"), "https://app.example");
  const Response preflight = ask("OPTIONS", "https://app.example");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "x-amz-target");
  EXPECT_EQ(handled, std::vector<std::string>{"POST"});
  const Response foreign = ask("OPTIONS", "https://evil.example");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.headers.find("Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(ask("POST", "http://app.example").status, 403);
  // Its pages may ask; names that point here may not.
  EXPECT_EQ(ask("POST", "https://app.example", "evil.example").status, 403);
}

TEST(Origin, Parsed_HasTheFormOfBrowsers) {
  EXPECT_EQ(parse_origin("http://localhost:5173").value(), "http://localhost:5173");
  for (const char* bad :
       {"*", "null", "app.example", "https://app.example/", "https://app.example:443",
        "ftp://app.example", "https://u@app.example"}) {
    EXPECT_FALSE(parse_origin(bad).has_value()) << bad;
  }
}

TEST(Origin, PagesOfOtherSitesActInNoWay) {
  const auto refused = [](const std::string& method,
                          const std::vector<std::pair<std::string, std::string>>& fields) {
    Request request{.method = method, .path = "/"};
    request.headers.set("Host", "127.0.0.1:9338");
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    return refusal(request, true).has_value();
  };
  EXPECT_FALSE(
      refused("POST", {{"Sec-Fetch-Site", "same-origin"}, {"Content-Type", "application/json"}}));
  EXPECT_FALSE(refused("GET", {{"Sec-Fetch-Site", "none"}}));
  const std::pair<std::string, std::string> secure{"Origin", "https://127.0.0.1:9338"};
  EXPECT_FALSE(refused("GET", {{"Sec-Fetch-Site", "same-origin"}, secure}));
  EXPECT_TRUE(refused("GET", {{"Sec-Fetch-Site", "none"}, secure}));
  EXPECT_TRUE(refused("GET", {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}}));
  EXPECT_TRUE(refused("GET", {{"Sec-Fetch-Site", "same-site"}}));
  const std::pair<std::string, std::string> navigate{"Sec-Fetch-Mode", "navigate"};
  EXPECT_FALSE(
      refused("GET", {{"Sec-Fetch-Site", "cross-site"}, navigate, {"Sec-Fetch-Dest", "document"}}));
  EXPECT_TRUE(
      refused("GET", {{"Sec-Fetch-Site", "cross-site"}, navigate, {"Sec-Fetch-Dest", "iframe"}}));
  EXPECT_TRUE(refused(
      "POST", {{"Sec-Fetch-Site", "cross-site"}, navigate, {"Sec-Fetch-Dest", "document"}}));
}

TEST(Origin, WhatAFormCanSend_IsRefused) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const auto refused = [](const std::string& method, const Fields& fields,
                          Forms forms = Forms::kRefused) {
    Request request{.method = method, .path = "/2015-03-31/functions/f/invocations"};
    request.headers.set("Host", "127.0.0.1:9338");
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    return refusal(request, true, {}, forms).has_value();
  };
  for (const char* type :
       {"", "text/plain", "Text/Plain;charset=UTF-8", "text/plain ; x=application/json",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"}) {
    const Fields form = {{"Content-Type", type}, {"Accept", "*/*"}, {"Referer", "http://x/"}};
    EXPECT_TRUE(refused("POST", form)) << type;
    EXPECT_FALSE(refused("POST", form, Forms::kTaken)) << type;
    EXPECT_FALSE(refused("GET", form)) << type;
    for (const char* name : {"Authorization", "X-Amz-Target", "X-Amz-Date", "amz-sdk-request",
                             "Datadog-Meta-Lang", "DD-EVP-ORIGIN"}) {
      Fields program = form;
      program.emplace_back(name, "x");
      EXPECT_FALSE(refused("POST", program)) << type << " " << name;
    }
  }
  EXPECT_TRUE(refused("POST", {}));
  for (const char* type : {"application/json", "application/x-protobuf", "application/msgpack",
                           "application/x-amz-json-1.0", "application/octet-stream"}) {
    EXPECT_FALSE(refused("POST", {{"Content-Type", type}})) << type;
  }
}

TEST(Origin, FieldsThatJudgeTheSenderComeOnce) {
  const std::vector<std::string> allowed = {"https://app.example"};
  for (const auto& [name, value, other] :
       {std::tuple{"Origin", "https://app.example", "http://evil.example"},
        {"Origin", "http://127.0.0.1:9338", "http://evil.example"},
        {"Sec-Fetch-Site", "same-origin", "cross-site"},
        {"Sec-Fetch-Dest", "document", "iframe"}}) {
    Request request{.method = "GET", .path = "/"};
    request.headers.set("Host", "127.0.0.1:9338");
    request.headers.set("Sec-Fetch-Mode", "navigate");
    request.headers.add(name, value);
    EXPECT_EQ(refusal(request, true, allowed), std::nullopt) << name;
    request.headers.add(lower_case(name), other);
    EXPECT_EQ(refusal(request, true, allowed),
              std::string(name) + ": expected one such header field, not several");
  }
}

TEST(Origin, ARefusalIsJsonWhateverTheOriginSays) {
  bool reached = false;
  const Handler handler = guarded([&](const Request&, Responder) { reached = true; }, true);
  Request request{.method = "POST", .path = "/"};
  request.headers.set("Host", "127.0.0.1:9338");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Origin",
                      "http://\"}\x01"
                      "evil");
  Response answer;
  handler(std::move(request), [&](Response response) { answer = std::move(response); });
  EXPECT_FALSE(reached);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body,
            R"({"error":{"code":"Forbidden","message":"Origin http://?}?evil: expected )"
            R"(http://127.0.0.1:9338, pages of other sites have no access here"}})");
}

}  // namespace
}  // namespace weft::net
