#include "api/lambda/lambda_handler.h"

#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/lambda/invoke_limits.h"
#include "cloudwatch/packed.h"
#include "net/loop.h"

// Lambda's API before real processes, without a socket.

namespace weft::api {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

constexpr std::string_view kPrefix = "/2015-03-31/functions/";

lambda::FunctionConfig config(const std::string& name, const std::string& handler) {
  lambda::FunctionConfig result;
  result.name = name;
  result.path = std::string(WEFT_SOURCE_DIR) + "/tests/functions/node/handlers.mjs";
  result.handler = handler;
  return result;
}

class LambdaApiTest : public testing::Test {
 protected:
  LambdaApiTest() {
    loop_.start(2);
    std::vector<lambda::FunctionConfig> configs = {config("echo", "echo"),
                                                   config("throws", "throws")};
    configs.front().environment["TABLE"] = "things";
    auto pool = lambda::FunctionPool::create(loop_, {}, std::move(configs));
    EXPECT_TRUE(pool.has_value()) << pool.error().message;
    pool_ = std::move(*pool);
    handler_ = make_lambda_handler(*pool_, *workers_);
  }
  ~LambdaApiTest() override {
    workers_.reset();
    pool_.reset();
    loop_.stop();
  }

  static net::Request request(const std::string& method, const std::string& path,
                              std::string body = {}) {
    const size_t mark = path.find('?');
    net::Request result{.method = method,
                        .target = path,
                        .path = path.substr(0, mark),
                        .query = mark == std::string::npos ? "" : path.substr(mark + 1),
                        .body = std::move(body)};
    result.headers.set("Host", "127.0.0.1:9338");
    return result;
  }
  net::Response send(net::Request request) {
    std::promise<net::Response> promise;
    handler_(std::move(request),
             [&](net::Response response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }
  net::Response invoke(const std::string& function, const std::string& body,
                       const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    net::Request call = request("POST", std::string(kPrefix) + function + "/invocations", body);
    for (const auto& [name, value] : headers) call.headers.set(name, value);
    return send(std::move(call));
  }

  net::Loop loop_;
  std::unique_ptr<net::WorkerPool> workers_ = std::make_unique<net::WorkerPool>(2);
  std::unique_ptr<lambda::FunctionPool> pool_;
  net::Handler handler_;
};

TEST_F(LambdaApiTest, Invoke_AnswersWithTheFunctionsPayload) {
  const net::Response answer = invoke("echo", R"({"a": 1})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"a":1})");
  EXPECT_EQ(answer.headers.get("X-Amz-Executed-Version"), "$LATEST");
  EXPECT_FALSE(answer.headers.find("X-Amz-Function-Error"));
  EXPECT_FALSE(answer.headers.find("X-Amz-Log-Result"));
}

TEST_F(LambdaApiTest, Invoke_TakesNamesPartialAndWholeArnsAndQualifiers) {
  for (const char* name :
       {"echo", "echo:live", "000000000000:function:echo", "echo%3Alive",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aecho%3A%24LATEST",
        "arn:aws:lambda:us-east-1:000000000000:function:echo"}) {
    EXPECT_EQ(invoke(name, "7").body, "7") << name;
  }
}

TEST_F(LambdaApiTest, Invoke_WithoutPayloadGivesAnEmptyEvent) {
  EXPECT_EQ(invoke("echo", "").body, "{}");
}

TEST_F(LambdaApiTest, Invoke_TellsOfAFunctionErrorInAHeader) {
  const net::Response answer = invoke("throws", "{}", {{"X-Amz-Log-Type", "Tail"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("X-Amz-Function-Error"), "Unhandled");
  EXPECT_THAT(answer.body, HasSubstr("errorMessage"));
  const auto log = cloudwatch::decode_base64(answer.headers.get("X-Amz-Log-Result"));
  ASSERT_TRUE(log);
  EXPECT_THAT(*log, HasSubstr("START RequestId: "));
  EXPECT_THAT(*log, ContainsRegex("REPORT RequestId: .*\tDuration: [0-9.]+ ms\tBilled Duration: "
                                  "[0-9]+ ms\tMemory Size: 512 MB"));
}

TEST_F(LambdaApiTest, Invoke_AsEventOrDryRunDoesNotWait) {
  const net::Response event = invoke("throws", "{}", {{"X-Amz-Invocation-Type", "Event"}});
  EXPECT_EQ(event.status, 202);
  EXPECT_EQ(event.body, "");
  const net::Response dry = invoke("throws", "{}", {{"X-Amz-Invocation-Type", "DryRun"}});
  EXPECT_EQ(dry.status, 204);
  EXPECT_EQ(pool_->status().back().invocations + pool_->status().back().queued +
                pool_->status().back().busy,
            1U);
}

TEST_F(LambdaApiTest, GetFunction_SaysWhatItIs) {
  const net::Response answer = send(request("GET", "/2015-03-31/functions/echo"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"("FunctionName":"echo")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("Handler":"handlers.echo")"));
  EXPECT_THAT(answer.body, ContainsRegex(R"("Runtime":"nodejs[0-9]+\.x")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("Environment":{"Variables":{"TABLE":"things"}})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("Timeout":60)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("Code":{"RepositoryType":"file","Location":"file:///)"));
  const net::Response alone = send(request("GET", "/2015-03-31/functions/echo/configuration"));
  EXPECT_TRUE(alone.body.starts_with(R"({"FunctionName":"echo")")) << alone.body;
}

TEST_F(LambdaApiTest, ListFunctions_GivesPages) {
  const net::Response first = send(request("GET", "/2015-03-31/functions/?MaxItems=1"));
  EXPECT_TRUE(first.body.starts_with(R"({"NextMarker":"echo","Functions":[{)")) << first.body;
  const net::Response last = send(request("GET", "/2015-03-31/functions/?Marker=echo"));
  EXPECT_TRUE(last.body.starts_with(R"({"Functions":[{"FunctionName":"throws")")) << last.body;
}

struct Refused {
  const char* method;
  const char* path;
  std::pair<std::string, std::string> header;
  std::string body;
  int status;
  const char* type;
  const char* says;
};

class LambdaApiRefuses : public LambdaApiTest, public testing::WithParamInterface<Refused> {};

TEST_P(LambdaApiRefuses, ByAwssNameAndWords) {
  const Refused& one = GetParam();
  net::Request call = request(one.method, one.path, one.body);
  if (!one.header.first.empty()) call.headers.set(one.header.first, one.header.second);
  const net::Response answer = send(std::move(call));
  EXPECT_EQ(answer.status, one.status);
  EXPECT_EQ(answer.headers.get("x-amzn-ErrorType"), one.type);
  EXPECT_THAT(answer.body, HasSubstr(one.says));
}

INSTANTIATE_TEST_SUITE_P(
    All, LambdaApiRefuses,
    testing::Values(Refused{"POST",
                            "/2015-03-31/functions/nope/invocations",
                            {},
                            "{}",
                            404,
                            "ResourceNotFoundException",
                            R"("Message":"Function not found: )"
                            R"(arn:aws:lambda:us-east-1:000000000000:function:nope")"},
                    Refused{"GET",
                            "/2015-03-31/functions/nope",
                            {},
                            "",
                            404,
                            "ResourceNotFoundException",
                            "Function not found"},
                    Refused{"GET",
                            "/2015-03-31/functions/nope/configuration",
                            {},
                            "",
                            404,
                            "ResourceNotFoundException",
                            "Function not found"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {},
                            "{",
                            400,
                            "InvalidRequestContentException",
                            "Could not parse request body into json"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {"X-Amz-Invocation-Type", "Later"},
                            "{}",
                            400,
                            "ValidationException",
                            "[Event, RequestResponse, DryRun]"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {"X-Amz-Log-Type", "All"},
                            "{}",
                            400,
                            "ValidationException",
                            "[None, Tail]"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {"X-Amz-Client-Context", "{}"},
                            "{}",
                            400,
                            "InvalidRequestContentException",
                            "valid Base64-encoded JSON"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo:a/invocations?Qualifier=b",
                            {},
                            "{}",
                            400,
                            "InvalidParameterValueException",
                            "derived qualifier"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations?Qualifier=b%20c",
                            {},
                            "{}",
                            400,
                            "ValidationException",
                            "'b c' at 'qualifier'"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {},
                            "\"" + std::string(kRequestBytesMax, 'x') + "\"",
                            413,
                            "RequestTooLargeException",
                            "smaller than 6291456 bytes"},
                    Refused{"POST",
                            "/2015-03-31/functions/echo/invocations",
                            {"X-Amz-Invocation-Type", "Event"},
                            "\"" + std::string(kEventBytesMax, 'x') + "\"",
                            413,
                            "RequestTooLargeException",
                            "smaller than 1048576 bytes"},
                    Refused{"GET",
                            "/2015-03-31/functions/?MaxItems=0",
                            {},
                            "",
                            400,
                            "ValidationException",
                            "'0' at 'maxItems'"},
                    Refused{"POST",
                            "/2015-03-31/functions",
                            {},
                            "{}",
                            404,
                            "UnknownOperationException",
                            "Weft has no operation POST"}));

TEST(LambdaRequest, IsTellableFromS3AndTheOthers) {
  const auto is = [](const char* path, const char* target = nullptr) {
    net::Request request{.method = "GET", .target = path, .path = path};
    if (target != nullptr) request.headers.set("X-Amz-Target", target);
    return is_lambda_request(request);
  };
  EXPECT_TRUE(is("/2015-03-31/functions"));
  EXPECT_TRUE(is("/2015-03-31/functions/f/invocations"));
  EXPECT_TRUE(is("/2021-10-31/functions/f/url"));
  EXPECT_FALSE(is("/2015-03-31/functionsx"));
  EXPECT_FALSE(is("/2015-03-31/"));
  EXPECT_FALSE(is("/2015-03-31"));
  EXPECT_FALSE(is("/photos/functions"));
  EXPECT_FALSE(is("/2015-03-31/functions", "AWSStepFunctions.StartExecution"));
}

}  // namespace
}  // namespace weft::api
