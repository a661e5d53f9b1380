#include "running/task_callbacks.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "arn/arn.h"
#include "asl/call_members.h"
#include "asl/evaluate.h"
#include "base/limits.h"
#include "json/parse.h"
#include "reading/activities.h"
#include "running/machines.h"

namespace weft::running {
namespace {

using base::ErrorCode;
using base::fail;

// AWS's words, as far as recordings have them.
std::expected<void, aws::Fault> check_output(const TaskAnswer& answer) {
  const auto* success = std::get_if<TaskSuccess>(&answer);
  if (success == nullptr) return {};
  json::Arena arena;
  if (const auto parsed = json::parse(success->output.view(), arena); !parsed) {
    return std::unexpected(aws::Fault::named(
        "InvalidOutput",
        fmt::format("Invalid Output: 'The output is not JSON: {}'", parsed.error().message)));
  }
  return {};
}

aws::Fault refused(const reading::Query& query, const tokens::TaskPlace& place) {
  const auto known = query.store().get(store::Family::kTurn, records::turn_key(place.key, 0));
  if (known && !*known) {
    return aws::Fault::named("TaskDoesNotExist",
                             "Task Does Not Exist: 'Provided task does not exist'");
  }
  return aws::Fault::named("TaskTimedOut",
                           "Task Timed Out: 'Provided task does not exist anymore'");
}

struct Call {
  std::string token;
  TaskAnswer answer;
};

// A member that is a string; "" when it is absent.
base::Result<std::string> string_member(const integrations::TaskRequest& request,
                                        json::Value parameters, std::string_view name) {
  const json::Value value = parameters.find(name);
  if (value.is_undefined() || value.is_null()) return std::string();
  if (value.is_string()) return std::string(value.as_string());
  return fail(ErrorCode::kInvalidArgument,
              integrations::unusable_parameters(
                  request, fmt::format("The value for the field '{}' must be a STRING", name)));
}

base::Result<Call> call_of(const integrations::TaskRequest& request) {
  json::Arena arena;
  const asl::QueryLanguage language = request.program->state(request.state).language;
  const auto parameters = asl::parse(request.parameters.view(), arena, language);
  if (!parameters) return std::unexpected(parameters.error());
  const std::string unusable =
      asl::unusable_member(asl::call_name(integrations::resource_of(request)), *parameters);
  if (!unusable.empty())
    return fail(ErrorCode::kInvalidArgument, integrations::unusable_parameters(request, unusable));
  auto token = string_member(request, *parameters, "TaskToken");
  if (!token) return std::unexpected(token.error());
  const auto missing = [&](std::string_view name) {
    return fail(ErrorCode::kInvalidArgument,
                integrations::unusable_parameters(
                    request, fmt::format("The field '{}' is required but was missing", name)));
  };
  if (token->empty()) return missing("TaskToken");
  const std::string& api = integrations::resource_of(request).resource;
  if (api.starts_with("sendTaskHeartbeat")) return Call{std::move(*token), TaskHeartbeat{}};
  if (api.starts_with("sendTaskFailure")) {
    auto error = string_member(request, *parameters, "Error");
    if (!error) return std::unexpected(error.error());
    auto cause = string_member(request, *parameters, "Cause");
    if (!cause) return std::unexpected(cause.error());
    return Call{std::move(*token), TaskFailure{std::move(*error), std::move(*cause)}};
  }
  const json::Value output = parameters->find("Output");
  if (output.is_undefined() || output.is_null()) return missing("Output");
  // A string is the text of the output itself; anything else is written as JSON.
  return Call{std::move(*token),
              TaskSuccess{base::Text(output.is_string() ? std::string(output.as_string())
                                                        : asl::to_text(output, language))}};
}

engine::Input outcome_of(const integrations::TaskRequest& request,
                         const std::expected<void, aws::Fault>& answered) {
  if (answered) {
    return engine::TaskSucceeded{
        .scope = request.scope, .task = request.task, .output = base::Text("{}")};
  }
  const aws::Fault& fault = answered.error();
  return integrations::task_failed(
      request, fmt::format("Sfn.{}Exception", aws::aws_name(fault)),
      fmt::format("{} (Service: Sfn, Status Code: {}, Request ID: {}) (SDK Attempt Count: 1)",
                  fault.error.message, base::http_status(fault.error.code), request.request_id));
}

}  // namespace

aws::Fault activity_fault(base::Error error) {
  if (error.code != ErrorCode::kNotFound) return error;
  return aws::Fault::named("ActivityDoesNotExist", std::move(error.message));
}

TaskCallbacks::TaskCallbacks(Ports ports, std::string token_key)
    : ports_(std::move(ports)),
      tokens_(std::move(token_key)),
      expiry_([this] { expire_polls(); }) {}

TaskCallbacks::~TaskCallbacks() { shutdown(); }

void TaskCallbacks::answer(std::string_view token, TaskAnswer answer, Answered done) {
  const auto place = tokens_.place(token);
  if (!place) return done(std::unexpected(place.error()));
  if (auto output = check_output(answer); !output) return done(std::move(output));
  if (auto writable = ports_.writable(); !writable)
    return done(std::unexpected(aws::Fault(writable.error())));
  if (auto running = ports_.running(place->key); !running)
    return done(std::unexpected(aws::Fault(running.error())));
  ports_.post(place->key, AnswerTask{.key = place->key,
                                     .task = place->task,
                                     .answer = std::move(answer),
                                     .told = [this, place = *place,
                                              done = std::move(done)](bool taken) mutable {
                                       if (taken) return done({});
                                       done(std::unexpected(refused(ports_.query, place)));
                                     }});
}

std::expected<void, aws::Fault> TaskCallbacks::answer(std::string_view token, TaskAnswer answer) {
  using Outcome = std::expected<void, aws::Fault>;
  auto answered = std::make_shared<std::promise<Outcome>>();
  auto outcome = answered->get_future();
  this->answer(token, std::move(answer), [answered = std::move(answered)](Outcome result) {
    answered->set_value(std::move(result));
  });
  try {
    return outcome.get();
  } catch (const std::future_error&) {  // dropped: the store was found damaged meanwhile
    const auto writable = ports_.writable();
    return std::unexpected(writable ? aws::Fault(ErrorCode::kUnavailable, "The server is stopping")
                                    : aws::Fault(writable.error()));
  }
}

void TaskCallbacks::run(const integrations::TaskRequest& request, Done done) {
  auto call = call_of(request);
  if (!call)
    return done(integrations::task_failed(request, "States.Runtime", call.error().message));
  answer(call->token, std::move(call->answer),
         [request, done = std::move(done)](std::expected<void, aws::Fault> answered) mutable {
           done(outcome_of(request, answered));
         });
}

base::Result<records::ActivityRecord> TaskCallbacks::create_activity(const std::string& name,
                                                                     records::Tags tags) {
  if (auto named = arn::check_name(name); !named) return std::unexpected(named.error());
  const arn::Home& home = ports_.query.identity();
  const std::string arn = fmt::format("arn:{}:states:{}:{}:activity:{}", home.partition,
                                      home.region, home.account, name);
  const sync::MutexLock lock(activities_mutex_);
  auto known = reading::activity(ports_.query, arn);
  if (known || known.error().code != ErrorCode::kNotFound) return known;
  records::ActivityRecord record{
      .name = name, .arn = arn, .created_ms = ports_.clock.now_ms(), .tags = std::move(tags)};
  store::Batch batch;
  batch.put(store::Family::kName, records::activity_key(name), records::encode(record));
  if (auto stored = ports_.commit(std::move(batch)); !stored)
    return std::unexpected(stored.error());
  return record;
}

base::Result<void> TaskCallbacks::delete_activity(std::string_view arn) {
  const sync::MutexLock lock(activities_mutex_);
  const auto known = reading::activity(ports_.query, arn);
  if (!known) {
    if (known.error().code == ErrorCode::kNotFound) return {};  // AWS answers 200
    return std::unexpected(known.error());
  }
  store::Batch batch;
  batch.remove(store::Family::kName, records::activity_key(known->name));
  return ports_.commit(std::move(batch));
}

std::expected<void, aws::Fault> TaskCallbacks::change_tags(std::string_view arn,
                                                           const records::TagChange& change) {
  const sync::MutexLock lock(activities_mutex_);
  auto activity = reading::activity(ports_.query, arn);
  if (!activity && activity.error().code == ErrorCode::kNotFound) return nothing_to_tag(arn);
  if (!activity) return std::unexpected(aws::Fault(activity.error()));
  activity->tags = records::changed(std::move(activity->tags), change);
  if (auto ok = check_tag_count(activity->tags); !ok) return ok;
  store::Batch batch;
  batch.put(store::Family::kName, records::activity_key(activity->name),
            records::encode(*activity));
  if (auto stored = ports_.commit(std::move(batch)); !stored)
    return std::unexpected(aws::Fault(stored.error()));
  return {};
}

std::expected<void, aws::Fault> TaskCallbacks::poll(activity::Poll poll) {
  if (const auto known = reading::activity(ports_.query, poll.activity); !known)
    return std::unexpected(activity_fault(known.error()));
  {
    const sync::MutexLock lock(mutex_);
    if (stopping_)
      return std::unexpected(aws::Fault(ErrorCode::kUnavailable, "The server is stopping"));
  }
  if (auto waits = activities_.poll(std::move(poll)); !waits) return waits;
  const sync::MutexLock lock(mutex_);
  polls_changed_ = true;
  polled_.notify_one();
  return {};
}

void TaskCallbacks::expire_polls() {
  sync::MutexLock lock(mutex_);
  while (!stopping_) {
    polls_changed_ = false;
    lock.unlock();
    const auto next = activities_.expire(std::chrono::steady_clock::now());
    lock.lock();
    while (!stopping_ && !polls_changed_) {
      if (!next) {
        polled_.wait(mutex_);
      } else if (!polled_.wait_until(mutex_, *next)) {
        break;
      }
    }
  }
}

void TaskCallbacks::shutdown() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
    polled_.notify_one();
  }
  if (expiry_.joinable()) expiry_.join();
  activities_.shutdown();
}

}  // namespace weft::running
