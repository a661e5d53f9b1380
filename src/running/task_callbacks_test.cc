#include "running/task_callbacks.h"

#include <algorithm>
#include <future>
#include <vector>

#include "json/parse.h"
#include "reading/activities.h"
#include "running/host_fixture.h"

// Task tokens and activities over the whole runtime: answers, workers, and what a crash leaves.

namespace weft::running {
namespace {

using base::ErrorCode;
using history::EventType;
using history::ExecutionStatus;

constexpr const char* kAsk =
    R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","End":true,)"
    R"("Arguments":{"FunctionName":"f","Payload":{"token":"{% $states.context.Task.Token %}"}}})";
constexpr const char* kWork =
    R"({"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:work","End":true})";
constexpr const char* kActivityArn = "arn:aws:states:us-east-1:000000000000:activity:work";

class TaskCallbacksTest : public HostTest {
 protected:
  // Tasks whose parameters hold a token keep it here.
  TaskCallbacksTest()
      : asking_([this](const integrations::TaskRequest& request) {
          json::Arena arena;
          const auto parameters = json::parse(request.parameters.view(), arena);
          const json::Value token = parameters->find("Payload").find("token");
          const std::lock_guard lock(mutex_);
          tokens_.emplace_back(token.as_string());
          changed_.notify_all();
          return engine::Input(engine::TaskSucceeded{request.scope, request.task,
                                                     base::Text("\"asked\""), std::nullopt});
        }) {}

  std::vector<std::string> tokens(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                                  [&] { return tokens_.size() >= count; }));
    return tokens_;
  }
  size_t asked() {
    const std::lock_guard lock(mutex_);
    return tokens_.size();
  }
  std::vector<history::Event> events(const std::string& arn) {
    return *host_->query().events(*host_->query().find_execution(arn));
  }
  bool has(const std::string& arn, EventType type) {
    return std::ranges::any_of(events(arn), [&](const auto& event) { return event.type == type; });
  }
  // Until that event is durable.
  void wait_for(const std::string& arn, EventType type) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kDeadlineMs);
    while (!has(arn, type)) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << history::to_string(type);
      std::this_thread::yield();
    }
  }
  // "taken", or AWS's name of why not.
  std::string answer(const std::string& token, TaskAnswer what) {
    const auto answered = host_->task_callbacks()->answer(token, std::move(what));
    return answered ? "taken" : std::string(aws::aws_name(answered.error()));
  }
  bool succeed(const std::string& token, const std::string& output) {
    return host_->task_callbacks()->answer(token, TaskSuccess{base::Text(output)}).has_value();
  }
  std::future<std::optional<activity::Work>> poll(const std::string& worker = "") {
    auto answer = std::make_shared<std::promise<std::optional<activity::Work>>>();
    const auto polled = host_->task_callbacks()->poll(
        {.activity = kActivityArn,
         .worker = worker,
         .until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kDeadlineMs),
         .answer = [answer](std::optional<activity::Work> work) { answer->set_value(work); }});
    EXPECT_TRUE(polled) << polled.error().error.message;
    return answer->get_future();
  }
  void create_activity() {
    const auto created = host_->task_callbacks()->create_activity("work", {});
    ASSERT_TRUE(created) << created.error().message;
  }

  FakeTasks asking_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> tokens_;
};

TEST_F(TaskCallbacksTest, TokenIsAnsweredOnce) {
  open(asking_);
  const std::string arn = start(create(machine("Ask", fmt::format(R"("Ask":{})", kAsk))));
  const std::string token = tokens(1)[0];
  wait_for(arn, EventType::kTaskSubmitted);
  ASSERT_EQ(host_->waiting_tasks(arn).size(), 1U);
  EXPECT_EQ(host_->waiting_tasks(arn)[0].task_token, token);
  EXPECT_EQ(host_->waiting_tasks(arn)[0].state_name, "Ask");
  EXPECT_TRUE(host_->task_callbacks()->answer(token, TaskHeartbeat{}));
  EXPECT_EQ(answer(token, TaskSuccess{base::Text("no JSON")}), "InvalidOutput");
  EXPECT_TRUE(succeed(token, R"({"a": 1})"));
  // Durable when it is told.
  EXPECT_TRUE(has(arn, EventType::kTaskSucceeded));
  EXPECT_EQ(finish(arn).output.view(), R"({"a": 1})");
  for (const TaskAnswer& again : {TaskAnswer(TaskSuccess{base::Text("2")}),
                                  TaskAnswer(TaskFailure{}), TaskAnswer(TaskHeartbeat{})}) {
    EXPECT_EQ(answer(token, again), "TaskTimedOut");
  }
  EXPECT_TRUE(host_->waiting_tasks(arn).empty());
}

TEST_F(TaskCallbacksTest, WhatIsNoToken_IsRefused) {
  open(asking_);
  start(create(machine("Ask", fmt::format(R"("Ask":{})", kAsk))));
  const std::string token = tokens(1)[0];
  EXPECT_EQ(answer("NoSuchToken", TaskHeartbeat{}), "InvalidToken");
  // The token comes before the output, as on AWS.
  EXPECT_EQ(answer("NoSuchToken", TaskSuccess{base::Text("no JSON")}), "InvalidToken");
  const tokens::TaskTokens foreign(std::string(tokens::TaskTokens::kKeyBytes, 'x'));
  EXPECT_EQ(answer(foreign.token({{0, 1}, 1}), TaskHeartbeat{}), "InvalidToken");
  EXPECT_EQ(answer(host_->task_callbacks()->tokens().token({{0, 77}, 1}), TaskHeartbeat{}),
            "TaskDoesNotExist");
  EXPECT_TRUE(succeed(token, "1"));
}

TEST_F(TaskCallbacksTest, TokenOfAnAttemptBefore_HasTimedOut) {
  open(asking_);
  const std::string ask(kAsk);
  const std::string arn = start(create(machine(
      "Ask",
      fmt::format(
          R"("Ask":{},"Retry":[{{"ErrorEquals":["Again"],"IntervalSeconds":1,"MaxAttempts":1}}]}})",
          ask.substr(0, ask.size() - 1)))));
  const std::string first = tokens(1)[0];
  EXPECT_TRUE(host_->task_callbacks()->answer(first, TaskFailure{"Again", "not yet"}));
  const std::string second = tokens(2)[1];
  EXPECT_NE(first, second);
  EXPECT_EQ(answer(first, TaskSuccess{base::Text("1")}), "TaskTimedOut");
  EXPECT_TRUE(succeed(second, "2"));
  EXPECT_EQ(finish(arn).output.view(), "2");
}

TEST_F(TaskCallbacksTest, TokenOutlivesTheProcess_AndIsNotSentAgain) {
  open(asking_);
  const std::string arn = start(create(machine("Ask", fmt::format(R"("Ask":{})", kAsk))));
  const std::string token = tokens(1)[0];
  wait_for(arn, EventType::kTaskSubmitted);
  host_.reset();
  open(asking_);
  EXPECT_EQ(host_->waiting_tasks(arn).size(), 1U);
  EXPECT_TRUE(succeed(token, "\"after\""));
  EXPECT_EQ(finish(arn).output.view(), "\"after\"");
  EXPECT_EQ(asked(), 1U);
  host_.reset();
  open(asking_);
  EXPECT_EQ(answer(token, TaskSuccess{base::Text("1")}), "TaskTimedOut");
}

TEST_F(TaskCallbacksTest, StoppedExecution_AnswersNobody) {
  open(asking_);
  const std::string arn = start(create(machine("Ask", fmt::format(R"("Ask":{})", kAsk))));
  const std::string token = tokens(1)[0];
  ASSERT_TRUE(host_->stop_execution(arn, std::nullopt, std::nullopt));
  EXPECT_EQ(answer(token, TaskSuccess{base::Text("1")}), "TaskTimedOut");
}

TEST_F(TaskCallbacksTest, ChildrenOfAMapRun_WaitForTokens_AcrossACrash) {
  constexpr size_t kChildren = 300;
  open(asking_);
  const std::string arn = start(create(machine(
      "Each",
      fmt::format(R"("Each":{})",
                  distributed(fmt::format(R"("Items":"{{% [1..{}] %}}")", kChildren), kAsk)))));
  const std::vector<std::string> all = tokens(kChildren);
  for (size_t i = 0; i < 100; ++i) EXPECT_TRUE(succeed(all[i], fmt::to_string(i)));
  host_.reset();
  open(asking_);
  for (size_t i = 0; i < kChildren; ++i) {
    if (i < 100) EXPECT_EQ(answer(all[i], TaskSuccess{base::Text("-1")}), "TaskTimedOut");
    if (i >= 100) EXPECT_TRUE(succeed(all[i], fmt::to_string(i)));
  }
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  json::Arena arena;
  const json::Value outputs = *json::parse(view.output.view(), arena);
  std::set<int64_t> seen;
  for (uint32_t i = 0; i < outputs.size(); ++i) seen.insert(outputs.item(i).as_int());
  EXPECT_EQ(seen.size(), kChildren);
  EXPECT_EQ(*seen.begin(), 0);
  await_map_run(1);
  expect_nothing_open();
}

TEST_F(TaskCallbacksTest, Worker_GetsTaskAndAnswers) {
  open();
  create_activity();
  auto first = poll("w1");
  const std::string arn = start(create(machine("Work", fmt::format(R"("Work":{})", kWork))), "[1]");
  const auto work = first.get();
  ASSERT_TRUE(work);
  EXPECT_EQ(work->input.view(), "[1]");
  // The history says so before the worker knows.
  EXPECT_TRUE(has(arn, EventType::kActivityStarted));
  EXPECT_TRUE(succeed(work->task_token, "2"));
  EXPECT_EQ(finish(arn).output.view(), "2");
  auto second = poll("w2");
  host_.reset();
  EXPECT_FALSE(second.get());
}

// The name alone counts in a definition, so that those published with other ARNs run.
TEST_F(TaskCallbacksTest, ActivityOfAnotherAccountsArn_IsTheOneOfItsName) {
  open(asking_);
  create_activity();
  const std::string elsewhere =
      R"("Work":{"Type":"Task","Resource":"arn:aws:states:eu-west-1:999999999999:activity:work","End":true})";
  const std::string arn = start(create(machine("Work", elsewhere)), "[1]");
  const auto work = poll().get();
  ASSERT_TRUE(work);
  EXPECT_TRUE(succeed(work->task_token, "2"));
  EXPECT_EQ(finish(arn).output.view(), "2");
}

TEST_F(TaskCallbacksTest, QueuedWork_OutlivesTheProcess_AndWhatAWorkerHasIsNotGivenTwice) {
  open();
  create_activity();
  const std::string machine_arn = create(machine("Work", fmt::format(R"("Work":{})", kWork)));
  const std::string with_worker = start(machine_arn, "1");
  const auto work = poll().get();
  const std::string queued = start(machine_arn, "2");
  wait_for(queued, EventType::kActivityScheduled);
  ASSERT_EQ(host_->waiting_tasks(queued).size(), 1U);
  EXPECT_EQ(host_->waiting_tasks(queued)[0].task_token, "");
  host_.reset();
  open();
  auto next = poll().get();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->input.view(), "2");
  EXPECT_TRUE(succeed(next->task_token, "20"));
  EXPECT_TRUE(succeed(work->task_token, "10"));
  EXPECT_EQ(finish(with_worker).output.view(), "10");
  EXPECT_EQ(finish(queued).output.view(), "20");
}

TEST_F(TaskCallbacksTest, WorkOfAStoppedExecution_GoesToNobody) {
  open();
  create_activity();
  const std::string machine_arn = create(machine("Work", fmt::format(R"("Work":{})", kWork)));
  const std::string stopped = start(machine_arn, "1");
  wait_for(stopped, EventType::kActivityScheduled);
  ASSERT_TRUE(host_->stop_execution(stopped, std::nullopt, std::nullopt));
  auto next = poll();
  start(machine_arn, "2");
  EXPECT_EQ(next.get()->input.view(), "2");
}

TEST_F(TaskCallbacksTest, Activities_AreCreatedOnce_ListedAndDeleted) {
  open();
  TaskCallbacks& callbacks = *host_->task_callbacks();
  const auto first = callbacks.create_activity("b", {{"k", "v"}});
  const auto again = callbacks.create_activity("b", {{"k", "other"}});
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->arn, again->arn);
  EXPECT_EQ(first->created_ms, again->created_ms);
  EXPECT_EQ(again->tags, first->tags);
  EXPECT_TRUE(callbacks.create_activity("a", {}));
  EXPECT_TRUE(callbacks.create_activity("c", {}));
  EXPECT_EQ(callbacks.create_activity("no good", {}).error().code, ErrorCode::kInvalidName);
  const auto page = reading::activities(host_->query(), 2, "");
  ASSERT_EQ(page->rows.size(), 2U);
  EXPECT_EQ(page->rows[0].name, "a");
  const auto rest = reading::activities(host_->query(), 2, page->next_token);
  ASSERT_EQ(rest->rows.size(), 1U);
  EXPECT_EQ(rest->next_token, "");
  EXPECT_TRUE(callbacks.delete_activity(first->arn));
  EXPECT_TRUE(callbacks.delete_activity(first->arn));
  EXPECT_EQ(reading::activity(host_->query(), first->arn).error().message,
            "Activity Does Not Exist: '" + first->arn + "'");
  EXPECT_EQ(aws::aws_name(callbacks.poll({.activity = first->arn}).error()),
            "ActivityDoesNotExist");
  EXPECT_EQ(callbacks.delete_activity("arn:aws:states:us-east-1:000000000000:stateMachine:m")
                .error()
                .code,
            ErrorCode::kInvalidArn);
}

TEST_F(TaskCallbacksTest, NestedExecution_AnswersItsParent) {
  open();
  create(
      machine(
          "Answer",
          R"("Answer":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",)"
          R"("Arguments":{"TaskToken":"{% $states.input.token %}","Output":{"n":7}},"End":true})"),
      "inner");
  const std::string arn = start(create(machine(
      "Ask",
      R"("Ask":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.waitForTaskToken",)"
      R"("Arguments":{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:inner",)"
      R"("Input":{"token":"{% $states.context.Task.Token %}"}},"End":true})")));
  const reading::ExecutionView view = finish(arn);
  EXPECT_EQ(view.status, ExecutionStatus::kSucceeded) << view.cause.value_or("");
  EXPECT_EQ(view.output.view(), R"({"n":7})");
}

TEST_F(TaskCallbacksTest, AnswerAsATask_FailsAsTheSdkDoes) {
  open();
  const reading::ExecutionView view = run(machine(
      "Answer",
      R"("Answer":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:sendTaskFailure",)"
      R"("Arguments":{"TaskToken":"NoSuchTaskToken","Error":"E"},"End":true})"));
  EXPECT_EQ(view.error, "Sfn.InvalidTokenException");
  EXPECT_TRUE(view.cause->starts_with(
      "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: "))
      << *view.cause;
}

}  // namespace
}  // namespace weft::running
