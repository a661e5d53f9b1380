#include "integrations/lambda/lambda_tasks.h"

#include <fmt/format.h>

#include "asl/evaluate.h"
#include "base/time.h"
#include "integrations/lambda/function_pool.h"
#include "json/parse.h"

namespace weft::lambda {
namespace {

using integrations::task_failed;
using integrations::TaskRequest;

struct TaskCall {
  Invocation invocation;
  bool enveloped = false;  // lambda:invoke wraps the answer
  bool event = false;      // InvocationType Event: nobody waits
};

std::string trace_id_of(const std::string& request_id) {
  return fmt::format("root=1-{}-{}{}{};sampled=0", request_id.substr(0, 8), request_id.substr(9, 4),
                     request_id.substr(14, 4),
                     request_id.substr(24, 12) + request_id.substr(19, 4));
}

// The result of lambda:invoke around the function's answer (spec: asl.md 8.3; member order as
// AWS's).
std::string envelope(std::string_view payload, const std::string& id, base::UnixMs now_ms) {
  const std::string date = base::format_http_date(now_ms);
  const std::string trace = trace_id_of(id);
  const size_t length = payload.size();
  return fmt::format(
      R"({{"ExecutedVersion":"$LATEST","Payload":{0},"SdkHttpMetadata":{{"AllHttpHeaders":{{)"
      R"("X-Amz-Executed-Version":["$LATEST"],"x-amzn-Remapped-Content-Length":["0"],"Connection":["keep-alive"],)"
      R"("x-amzn-RequestId":["{1}"],"Content-Length":["{2}"],"Date":["{3}"],"X-Amzn-Trace-Id":["{4}"],)"
      R"("Content-Type":["application/json"]}},"HttpHeaders":{{"Connection":"keep-alive","Content-Length":"{2}",)"
      R"("Content-Type":"application/json","Date":"{3}","X-Amz-Executed-Version":"$LATEST",)"
      R"("x-amzn-Remapped-Content-Length":"0","x-amzn-RequestId":"{1}","X-Amzn-Trace-Id":"{4}"}},"HttpStatusCode":200}},)"
      R"("SdkResponseMetadata":{{"RequestId":"{1}"}},"StatusCode":200}})",
      payload, id, length, date, trace);
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

base::Result<TaskCall> lambda_invoke_call(const TaskRequest& request) {
  json::Arena arena;
  const asl::QueryLanguage language = request.program->state(request.state).language;
  auto parameters = asl::parse(request.parameters.view(), arena, language);
  if (!parameters) return std::unexpected(parameters.error());
  const json::Value name = parameters->find("FunctionName");
  if (!name.is_string()) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        integrations::unusable_parameters(
            request, "The required parameter 'FunctionName' is missing or is no string"));
  }
  TaskCall call{.enveloped = true};
  call.invocation.function = name.as_string();
  call.invocation.payload = base::Text(payload_text(parameters->find("Payload"), language));
  const json::Value context = parameters->find("ClientContext");
  if (context.is_string()) call.invocation.client_context = context.as_string();
  const json::Value type = parameters->find("InvocationType");
  call.event = type.is_string() && type.as_string() == "Event";
  return call;
}

engine::Input outcome_of(const TaskRequest& request, InvocationResult& result, bool enveloped) {
  const history::InvocationTiming timing{result.started_ms, result.queued_us, result.init_us,
                                         result.run_us, result.sandbox};
  if (result.outcome != InvocationResult::Outcome::kSucceeded) {
    engine::TaskFailed input =
        task_failed(request, std::move(result.error), std::move(result.cause));
    input.timing = timing;
    return input;
  }
  engine::TaskSucceeded input{.scope = request.scope, .task = request.task, .timing = timing};
  const base::UnixMs end_ms = result.started_ms + result.run_us / 1'000;
  input.output = enveloped ? base::Text(envelope(result.payload.view(), request.request_id, end_ms))
                           : result.payload;
  return input;
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
    if (!parsed) return done(task_failed(request, "States.Runtime", parsed.error().message));
    call = std::move(*parsed);
  }
  if (functions_ == nullptr) {
    return done(task_failed(request, "Lambda.ResourceNotFoundException",
                            fmt::format("Function not found: {}:$LATEST (no function was given)",
                                        call.invocation.function)));
  }
  call.invocation.request_id = request.request_id;
  if (tracing_ != nullptr) {
    const trace::Context context = tracing_->begin(request);
    call.invocation.trace_header = trace::xray_header(context);
    if (call.invocation.client_context.empty())
      call.invocation.client_context = trace::lambda_client_context(context);
  }
  if (call.event) {
    functions_->invoke(std::move(call.invocation), [](InvocationResult) {});
    return done(
        engine::TaskSucceeded{.scope = request.scope,
                              .task = request.task,
                              .output = base::Text(envelope("\"\"", request.request_id, 0))});
  }
  functions_->invoke(
      std::move(call.invocation),
      [request, enveloped = call.enveloped, done = std::move(done)](
          InvocationResult result) mutable { done(outcome_of(request, result, enveloped)); });
}

void LambdaTasks::cancel(const std::string& request_id) {
  if (functions_ != nullptr) functions_->cancel(request_id);
}

}  // namespace weft::lambda
