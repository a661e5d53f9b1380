#include "integrations/lambda/lambda_tasks.h"

#include <algorithm>
#include <array>
#include <expected>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arn/function_name.h"
#include "asl/call_members.h"
#include "asl/evaluate.h"
#include "base/time.h"
#include "clock/system_clock.h"
#include "integrations/lambda/function_log.h"
#include "integrations/lambda/function_pool.h"
#include "json/parse.h"

namespace weft::lambda {
namespace {

using integrations::task_failed;
using integrations::TaskRequest;

// AWS's InvocationType.
enum class Kind : uint8_t { kRequestResponse, kEvent, kDryRun };

struct TaskCall {
  Invocation invocation;
  bool enveloped = false;  // lambda:invoke wraps the answer
  Kind kind = Kind::kRequestResponse;
  bool log = false;  // LogType Tail
};

std::string trace_id_of(const std::string& request_id) {
  return fmt::format("root=1-{}-{}{}{};sampled=0", request_id.substr(0, 8), request_id.substr(9, 4),
                     request_id.substr(14, 4),
                     request_id.substr(24, 12) + request_id.substr(19, 4));
}

// What Lambda's Invoke answered, as HTTP has it.
struct Answer {
  int status = 200;
  std::string_view payload;  // JSON
  std::string log_result;    // "" = none
  base::UnixMs at_ms = 0;
};

// The result of lambda:invoke around the function's answer (AWS page "Invoke an AWS Lambda function
// with Step Functions"; member order as AWS's). A call that nobody waits for has no version and no
// body.
std::string envelope(const Answer& answer, const std::string& id) {
  const bool waited = answer.status == 200;
  const std::string date = base::format_http_date(answer.at_ms);
  const std::string trace = trace_id_of(id);
  const size_t length = waited ? answer.payload.size() : 0;
  std::string log;
  if (!answer.log_result.empty()) log = fmt::format(R"("LogResult":"{}",)", answer.log_result);
  return fmt::format(
      R"({{{6}{7}"Payload":{0},"SdkHttpMetadata":{{"AllHttpHeaders":{{)"
      R"({8}"x-amzn-Remapped-Content-Length":["0"],"Connection":["keep-alive"],)"
      R"("x-amzn-RequestId":["{1}"],"Content-Length":["{2}"],"Date":["{3}"],"X-Amzn-Trace-Id":["{4}"],)"
      R"("Content-Type":["application/json"]}},"HttpHeaders":{{"Connection":"keep-alive","Content-Length":"{2}",)"
      R"("Content-Type":"application/json","Date":"{3}",{9})"
      R"("x-amzn-Remapped-Content-Length":"0","x-amzn-RequestId":"{1}","X-Amzn-Trace-Id":"{4}"}},"HttpStatusCode":{5}}},)"
      R"("SdkResponseMetadata":{{"RequestId":"{1}"}},"StatusCode":{5}}})",
      answer.payload, id, length, date, trace, answer.status,
      waited ? R"("ExecutedVersion":"$LATEST",)" : "", log,
      waited ? R"("X-Amz-Executed-Version":["$LATEST"],)" : "",
      waited ? R"("X-Amz-Executed-Version":"$LATEST",)" : "");
}

// The bytes a function gets for `Payload`: its JSON, `{}` for none and for null. AWS hands the
// characters of a string on as they are; where those are JSON, the function gets that JSON.
std::string payload_text(json::Value payload, asl::QueryLanguage language) {
  if (payload.is_undefined() || payload.is_null()) return "{}";
  if (payload.is_string()) {
    json::Arena arena;
    if (json::parse(payload.as_string(), arena)) return std::string(payload.as_string());
  }
  return asl::to_text(payload, language);
}

// What Lambda itself refuses: the error and the cause of the failed task.
struct Refusal {
  std::string error;
  std::string cause;
};

// In the words of AWS's SDK. A code that is no exception of Lambda's own counts as
// AWSLambdaException.
Refusal service_fault(const TaskRequest& request, std::string_view exception, int status,
                      std::string_view code, std::string_view message) {
  return {fmt::format("Lambda.{}", exception),
          fmt::format("{} (Service: AWSLambda; Status Code: {}; Error Code: {}; Request ID: {}; "
                      "Proxy: null)",
                      message, status, code, request.request_id)};
}

// A member that is a string; nothing when it is absent. Another type is no request at all.
std::expected<std::optional<std::string>, Refusal> text_member(const TaskRequest& request,
                                                               const json::Value& parameters,
                                                               std::string_view name) {
  const json::Value value = parameters.find(name);
  if (value.is_undefined() || value.is_null()) return std::nullopt;
  if (value.is_string()) return std::string(value.as_string());
  return std::unexpected(
      Refusal{"States.Runtime",
              integrations::unusable_parameters(
                  request, fmt::format("The value for the field '{}' must be a STRING", name))});
}

// The place of a word among those that Lambda takes; 0, the first one, when it is absent.
std::expected<size_t, Refusal> word_member(const TaskRequest& request,
                                           const json::Value& parameters, std::string_view name,
                                           std::string_view aws_name,
                                           std::span<const std::string_view> words) {
  auto text = text_member(request, parameters, name);
  if (!text) return std::unexpected(std::move(text.error()));
  if (!*text) return 0;
  const auto found = std::ranges::find(words, **text);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  return std::unexpected(service_fault(
      request, "AWSLambdaException", 400, "ValidationException",
      fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: "
                  "Member must satisfy enum value set: [{}]",
                  **text, aws_name, fmt::join(words, ", "))));
}

// FunctionName with the Qualifier beside it.
std::expected<std::string, Refusal> qualified_name(const TaskRequest& request,
                                                   const json::Value& parameters) {
  auto name = text_member(request, parameters, "FunctionName");
  if (!name) return std::unexpected(std::move(name.error()));
  if (!*name) {
    return std::unexpected(
        Refusal{"States.Runtime",
                integrations::unusable_parameters(
                    request, "The required parameter 'FunctionName' is missing or is no string")});
  }
  auto qualifier = text_member(request, parameters, "Qualifier");
  if (!qualifier) return std::unexpected(std::move(qualifier.error()));
  if (!*qualifier) return std::move(**name);
  const std::string own = arn::parse_function_name(**name).qualifier;
  if (own.empty()) return fmt::format("{}:{}", **name, **qualifier);
  if (own == **qualifier) return std::move(**name);
  return std::unexpected(service_fault(
      request, "InvalidParameterValueException", 400, "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier."));
}

std::expected<TaskCall, Refusal> lambda_invoke_call(const TaskRequest& request) {
  constexpr std::array<std::string_view, 3> kKinds = {"RequestResponse", "Event", "DryRun"};
  constexpr std::array<std::string_view, 2> kLogTypes = {"None", "Tail"};
  json::Arena arena;
  const asl::QueryLanguage language = request.program->state(request.state).language;
  auto parameters = asl::parse(request.parameters.view(), arena, language);
  if (!parameters) return std::unexpected(Refusal{"States.Runtime", parameters.error().message});
  if (std::string why = asl::unusable_member("lambda:invoke", *parameters); !why.empty()) {
    return std::unexpected(
        Refusal{"States.Runtime", integrations::unusable_parameters(request, why)});
  }
  auto name = qualified_name(request, *parameters);
  if (!name) return std::unexpected(std::move(name.error()));
  auto kind = word_member(request, *parameters, "InvocationType", "invocationType", kKinds);
  if (!kind) return std::unexpected(std::move(kind.error()));
  auto log = word_member(request, *parameters, "LogType", "logType", kLogTypes);
  if (!log) return std::unexpected(std::move(log.error()));
  TaskCall call{.enveloped = true, .kind = static_cast<Kind>(*kind), .log = *log == 1};
  call.invocation.function = std::move(*name);
  call.invocation.payload = base::Text(payload_text(parameters->find("Payload"), language));
  const json::Value context = parameters->find("ClientContext");
  if (context.is_string()) call.invocation.client_context = context.as_string();
  return call;
}

engine::Input succeeded(const TaskRequest& request, std::string output) {
  return engine::TaskSucceeded{
      .scope = request.scope, .task = request.task, .output = base::Text(std::move(output))};
}

// How the answer to a call becomes the task's result.
struct Wrapping {
  bool enveloped = false;
  bool log = false;
  int memory_mb = 0;
};

engine::Input outcome_of(const TaskRequest& request, InvocationResult& result, Wrapping wrapping) {
  const history::InvocationTiming timing{result.started_ms, result.queued_us, result.init_us,
                                         result.run_us, result.sandbox};
  if (result.outcome != InvocationResult::Outcome::kSucceeded) {
    engine::TaskFailed input =
        task_failed(request, std::move(result.error), std::move(result.cause));
    input.timing = timing;
    return input;
  }
  engine::TaskSucceeded input{.scope = request.scope, .task = request.task, .timing = timing};
  if (!wrapping.enveloped) {
    input.output = result.payload;
    return input;
  }
  Answer answer{.payload = result.payload.view(),
                .at_ms = result.started_ms + result.run_us / 1'000};
  if (wrapping.log) answer.log_result = log_result(request.request_id, result, wrapping.memory_mb);
  input.output = base::Text(envelope(answer, request.request_id));
  return input;
}

// A call whose outcome nobody waits for: Lambda answers it when it knows the function. It is made
// once; what comes of it is in the function's log alone.
void run_unawaited(FunctionPool& functions, const TaskRequest& request, TaskCall call,
                   integrations::TaskRunner::Done done) {
  const bool known =
      functions.describe(arn::parse_function_name(call.invocation.function).name).has_value();
  if (known && call.kind == Kind::kDryRun) {
    return done(
        succeeded(request, envelope({.status = 204, .payload = R"("")", .at_ms = clock::unix_ms()},
                                    request.request_id)));
  }
  if (known) {
    functions.invoke(std::move(call.invocation), [](InvocationResult) {});
    return done(
        succeeded(request, envelope({.status = 202, .payload = R"("")", .at_ms = clock::unix_ms()},
                                    request.request_id)));
  }
  // The pool has the words for a function that is not there.
  functions.invoke(std::move(call.invocation),
                   [request, done = std::move(done)](InvocationResult result) mutable {
                     done(outcome_of(request, result, {}));
                   });
}

}  // namespace

void LambdaTasks::run(const TaskRequest& request, Done done) {
  const asl::TaskResource& resource = integrations::resource_of(request);
  TaskCall call;
  if (resource.kind == asl::TaskResource::Kind::kLambdaFunction) {
    call.invocation.function = resource.arn;
    call.invocation.payload = request.parameters;
  } else {
    auto parsed = lambda_invoke_call(request);
    if (!parsed) {
      return done(
          task_failed(request, std::move(parsed.error().error), std::move(parsed.error().cause)));
    }
    call = std::move(*parsed);
  }
  if (functions_ == nullptr) {
    return done(task_failed(request, "Lambda.ResourceNotFoundException",
                            fmt::format("Function not found: {}:$LATEST (no function was given)",
                                        call.invocation.function)));
  }
  call.invocation.request_id = request.request_id;
  call.invocation.group = request.key.run;
  if (request.again) call.invocation.again_since_ms = request.entered_ms;
  if (tracing_ != nullptr) {
    const trace::Context context = tracing_->begin(request);
    call.invocation.trace_header = trace::xray_header(context);
    if (call.invocation.client_context.empty())
      call.invocation.client_context = trace::lambda_client_context(context);
  }
  if (call.kind != Kind::kRequestResponse)
    return run_unawaited(*functions_, request, std::move(call), std::move(done));
  Wrapping wrapping{.enveloped = call.enveloped, .log = call.log};
  if (call.log) {
    const auto function =
        functions_->describe(arn::parse_function_name(call.invocation.function).name);
    if (function) wrapping.memory_mb = function->config.memory_mb;
  }
  functions_->invoke(std::move(call.invocation), [this, request, wrapping, done = std::move(done)](
                                                     InvocationResult result) mutable {
    if (result.out && request.of_execution()) keep(request.request_id, std::move(result.out));
    done(outcome_of(request, result, wrapping));
  });
}

bool LambdaTasks::keeps_unsettled() const {
  return functions_ != nullptr && functions_->delivers_once();
}

void LambdaTasks::keep(const std::string& request_id, CallLedger::Entry out) {
  const sync::MutexLock lock(mutex_);
  unsettled_.insert_or_assign(request_id, std::move(out));
}

void LambdaTasks::settled(const std::string& request_id) {
  const sync::MutexLock lock(mutex_);
  unsettled_.erase(request_id);
}

void LambdaTasks::cancel(const std::string& request_id) {
  if (functions_ != nullptr) functions_->cancel(request_id);
}

bool LambdaTasks::withdraw(const std::string& request_id) {
  return functions_ != nullptr && functions_->withdraw(request_id);
}

std::optional<history::InvocationTiming> LambdaTasks::progress(const std::string& request_id) {
  if (functions_ == nullptr) return std::nullopt;
  const auto now = functions_->progress(request_id);
  if (!now) return std::nullopt;
  return history::InvocationTiming{now->started_ms, now->queued_us, now->init_us, now->run_us,
                                   now->sandbox};
}

}  // namespace weft::lambda
