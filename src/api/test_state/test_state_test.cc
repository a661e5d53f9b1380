#include <fstream>
#include <future>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/router.h"
#include "api/test_state/result_shapes.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"
#include "running/reading_host.h"
#include "store/store.h"

// TestState by cases: tests/test_state/cases.json. A case gives a state, a machine or a text, the
// other members of the request, what the task comes to when one is run, and the answer.

namespace weft::api {
namespace {

using testing::StartsWith;

// Answers the one task that a case may run.
class TaskHost : public running::ReadingHost {
 public:
  TaskHost(const reading::Query& query, json::Value task)
      : running::ReadingHost(query), task_(task) {}

  void run_task(integrations::TaskRequest request, std::chrono::milliseconds limit,
                TaskTried tried) override {
    ++ran;
    EXPECT_FALSE(request.of_execution());
    json::Arena arena;
    if (const json::Value parameters = task_.find("parameters"); !parameters.is_undefined())
      EXPECT_EQ(request.parameters.view(), json::to_text(parameters));
    if (const json::Value seconds = task_.find("limitSeconds"); seconds.is_number()) {
      EXPECT_LE(limit.count(), seconds.as_int() * 1'000);
      EXPECT_GT(limit.count(), seconds.as_int() * 1'000 - 5'000);
    }
    if (task_.find("late").as_bool()) return tried(std::optional<engine::Input>());
    if (const json::Value error = task_.find("error"); error.is_string()) {
      return tried(std::optional<engine::Input>(integrations::task_failed(
          request, std::string(error.as_string()), std::string(task_.find("cause").as_string()))));
    }
    tried(std::optional<engine::Input>(
        engine::TaskSucceeded{.output = base::Text(task_.find("result").as_string())}));
  }

  int ran = 0;

 private:
  json::Value task_;
};

struct Answer {
  int status = 0;
  std::string body;
};

class TestStateCases : public testing::TestWithParam<size_t> {
 public:
  static json::Value cases() {
    static json::Arena arena;
    static const std::string text = [] {
      std::ifstream file(std::string(WEFT_SOURCE_DIR) + "/tests/test_state/cases.json");
      return std::string(std::istreambuf_iterator<char>(file), {});
    }();
    static const auto parsed = json::parse(text, arena);
    return parsed ? *parsed : json::Value();
  }

 protected:
  std::string request_of(json::Value test) {
    std::string definition(test.find("text").as_string());
    for (const char* member : {"state", "machine"}) {
      if (const json::Value object = test.find(member); object.is_object())
        definition = json::to_text(object);
    }
    json::ObjectBuilder request(arena_);
    request.add("definition", json::Value::string(definition, arena_));
    const json::Value members = test.find("request");
    for (size_t i = 0; i < members.size(); ++i) request.add(members.key(i), members.member(i));
    return json::to_text(request.finish());
  }
  static Answer ask(running::Host& host, std::string body) {
    ApiThreads threads;
    const net::Handler handler = make_api_handler(host, threads);
    net::Request message{.method = "POST", .target = "/", .path = "/", .body = std::move(body)};
    message.headers.set("X-Amz-Target", "AWSStepFunctions.TestState");
    std::promise<net::Response> answered;
    handler(std::move(message),
            [&](net::Response response) { answered.set_value(std::move(response)); });
    net::Response response = answered.get_future().get();
    return {response.status, std::move(response.body)};
  }
  json::Arena arena_;
};

TEST_P(TestStateCases, Case) {
  const json::Value test = cases().item(GetParam());
  const auto store = store::open_memory();
  const reading::Query query(*store, arn::Home{});
  TaskHost host(query, test.find("task"));
  const Answer answer = ask(host, request_of(test));
  EXPECT_EQ(host.ran, test.find("task").is_object() ? 1 : 0);
  const auto body = json::parse(answer.body, arena_);
  ASSERT_TRUE(body) << answer.body;
  if (const json::Value expected = test.find("expect"); expected.is_object()) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, json::to_text(expected));
  } else if (const json::Value status = test.find("statusOnly"); status.is_string()) {
    EXPECT_EQ(body->find("status").as_string(), status.as_string()) << answer.body;
    EXPECT_THAT(std::string(body->find("cause").as_string()),
                testing::Not(testing::HasSubstr("event id")));
  } else {
    EXPECT_EQ(answer.status, 400) << answer.body;
    const json::Value error = test.find("error");
    for (size_t i = 0; i < error.size(); ++i)
      EXPECT_EQ(body->find(error.key(i)).as_string(), error.member(i).as_string());
    EXPECT_THAT(std::string(body->find("message").as_string()),
                StartsWith(std::string(test.find("errorStartsWith").as_string())));
  }
}

INSTANTIATE_TEST_SUITE_P(All, TestStateCases,
                         testing::Range<size_t>(0, TestStateCases::cases().size()),
                         [](const testing::TestParamInfo<size_t>& info) {
                           return std::string(
                               TestStateCases::cases().item(info.param).find("name").as_string());
                         });

TEST(ResultShapes, HoldAMockAgainstTheService) {
  json::Arena arena;
  const auto problem = [&](std::string_view type, std::string_view operation, std::string_view text,
                           bool strict = true) {
    return result_problem(type, operation, json::parse(text, arena).value(), strict);
  };
  EXPECT_EQ(problem("sqs", "sendMessage", R"({"MessageId":5})"),
            "Field 'MessageId' must be a string");
  EXPECT_EQ(problem("aws-sdk:dynamodb", "getItem", R"({"Item":{"a":{"L":[{"S":"x"},{"N":1}]}}})"),
            "Field 'N' must be a string");
  EXPECT_EQ(problem("lambda", "invoke", R"({"StatusCode":200,"Payload":{"any":1}})"), "");
  EXPECT_EQ(problem("aws-sdk:sfn", "startExecution", R"({"ExecutionArn":"a"})"),
            "Required field 'StartDate' is missing");
  EXPECT_EQ(problem("aws-sdk:sfn", "startExecution", R"({"ExecutionArn":"a"})", false), "");
  EXPECT_EQ(problem("aws-sdk:kms", "encrypt", R"({"KeyId":""})"),
            "Field 'KeyId' is smaller than the minimum length");
  EXPECT_EQ(problem("aws-sdk:lambda", "getFunction", R"({"Configuration":{"MemorySize":1}})"),
            "Field 'MemorySize' is less than the minimum value");
  EXPECT_EQ(problem("events", "putEvents", R"([])"), "Field 'putEvents' must be an object");
  EXPECT_EQ(problem("nothing", "getItem", R"({"a":1})"), "");
  EXPECT_EQ(problem("dynamodb", "fly", R"({"a":1})"), "");
}

}  // namespace
}  // namespace weft::api
