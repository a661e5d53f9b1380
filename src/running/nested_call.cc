#include "running/nested_call.h"

#include <fmt/format.h>

#include "asl/call_members.h"
#include "asl/evaluate.h"
#include "base/time.h"
#include "integrations/call_tracing.h"
#include "json/object_text.h"
#include "reading/billing.h"

namespace weft::running {
namespace {

using history::ExecutionStatus;

bool is_sdk(const integrations::TaskRequest& request) {
  return integrations::resource_of(request).resource_type != "states";
}

// An optional member that is a string; null counts as absent.
base::Result<std::string> optional_string(json::Value parameters, std::string_view name) {
  const json::Value value = parameters.find(name);
  if (value.is_undefined() || value.is_null()) return std::string();
  if (value.is_string()) return std::string(value.as_string());
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("The value for the field '{}' must be a STRING", name));
}

// A string is the text of the input itself; anything else is written as JSON.
base::Text input_of(json::Value parameters, asl::QueryLanguage language) {
  const json::Value input = parameters.find("Input");
  if (input.is_undefined() || input.is_null()) return base::Text("{}");
  if (input.is_string()) return base::Text(std::string(input.as_string()));
  return base::Text(asl::to_text(input, language));
}

// Both header objects of a call's answer, as the recordings have them.
std::string http_metadata(const integrations::TaskRequest& request,
                          const records::ExecutionRecord& nested) {
  const std::string date = base::format_http_date(nested.start_ms);
  const size_t length =
      fmt::formatted_size(R"({{"executionArn":"{}","startDate":{:.3f}}})", nested.arn,
                          static_cast<double>(nested.start_ms) / 1'000);
  return fmt::format(
      R"({{"AllHttpHeaders":{{"x-amzn-RequestId":["{0}"],"connection":["keep-alive"],)"
      R"("Content-Length":["{1}"],"Date":["{2}"],"Content-Type":["application/x-amz-json-1.0"]}},)"
      R"("HttpHeaders":{{"connection":"keep-alive","Content-Length":"{1}",)"
      R"("Content-Type":"application/x-amz-json-1.0","Date":"{2}","x-amzn-RequestId":"{0}"}},)"
      R"("HttpStatusCode":200}})",
      request.request_id, length, date);
}

}  // namespace

base::Result<StartExecution> nested_start_of(const integrations::TaskRequest& request) {
  const auto refuse = [&](std::string_view reason) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      integrations::unusable_parameters(request, reason));
  };
  json::Arena arena;
  const asl::QueryLanguage language = request.program->state(request.state).language;
  const auto parameters = asl::parse(request.parameters.view(), arena, language);
  if (!parameters) return refuse(parameters.error().message);
  const std::string unusable =
      asl::unusable_member(asl::call_name(integrations::resource_of(request)), *parameters);
  if (!unusable.empty()) return refuse(unusable);
  const json::Value machine = parameters->find("StateMachineArn");
  if (!machine.is_string())
    return refuse("The required parameter 'StateMachineArn' is missing or is no string");
  const auto name = optional_string(*parameters, "Name");
  if (!name) return refuse(name.error().message);
  const auto trace_header = optional_string(*parameters, "TraceHeader");
  if (!trace_header) return refuse(trace_header.error().message);
  return StartExecution{.machine_arn = std::string(machine.as_string()),
                        // The same on every delivery: the start happens once.
                        .name = name->empty() ? request.request_id : *name,
                        .input = input_of(*parameters, language),
                        .trace_header = *trace_header,
                        .trace = integrations::context_of_attempt(request)};
}

std::string nested_started_text(const integrations::TaskRequest& request,
                                const records::ExecutionRecord& nested) {
  json::ObjectText out;
  out.text("ExecutionArn", nested.arn);
  if (is_sdk(request)) {
    out.text("StartDate", base::format_iso_ms(nested.start_ms));
    return out.finish();
  }
  out.raw("SdkHttpMetadata", http_metadata(request, nested));
  out.raw("SdkResponseMetadata", fmt::format(R"({{"RequestId":"{}"}})", request.request_id));
  out.raw("StartDate", fmt::to_string(nested.start_ms));
  return out.finish();
}

engine::TaskFailed nested_refused(const integrations::TaskRequest& request,
                                  const base::Error& error) {
  const std::string_view name = base::aws_name(error.code);
  if (is_sdk(request)) {
    return integrations::task_failed(
        request, fmt::format("Sfn.{}Exception", name),
        fmt::format("{} (Service: Sfn, Status Code: {}, Request ID: {})", error.message,
                    base::http_status(error.code), request.request_id));
  }
  return integrations::task_failed(
      request, fmt::format("StepFunctions.{}Exception", name),
      fmt::format("{} (Service: AWSStepFunctions; Status Code: {}; Error Code: {}; Request ID: {}; "
                  "Proxy: null)",
                  error.message, base::http_status(error.code), name, request.request_id));
}

engine::Input nested_outcome(const integrations::TaskRequest& request,
                             const reading::ExecutionView& nested) {
  const bool parsed = integrations::resource_of(request).pattern == asl::IntegrationPattern::kSync2;
  const bool succeeded = nested.status == ExecutionStatus::kSucceeded;
  json::ObjectText out;
  const auto payload = [&](std::string_view name, const base::Text& value) {
    if (parsed) {
      out.raw(name, value.view());
    } else {
      out.text(name, value.view());
    }
    out.raw(fmt::format("{}Details", name), R"({"Included":true})");
  };
  if (nested.cause) out.text("Cause", *nested.cause);
  if (nested.error) out.text("Error", *nested.error);
  out.text("ExecutionArn", nested.arn);
  payload("Input", nested.input);
  out.text("Name", nested.name);
  if (succeeded) payload("Output", nested.output);
  out.raw("RedriveCount", "0");
  out.text("RedriveStatus", succeeded ? "NOT_REDRIVABLE" : "REDRIVABLE");
  if (succeeded) out.text("RedriveStatusReason", "Execution is SUCCEEDED and cannot be redriven");
  out.raw("StartDate", fmt::to_string(nested.start_ms));
  out.text("StateMachineArn", nested.machine_arn);
  out.text("Status", history::to_string(nested.status));
  out.raw("StopDate", fmt::to_string(nested.stop_ms));
  if (!succeeded) return integrations::task_failed(request, "States.TaskFailed", out.finish());
  return engine::TaskSucceeded{
      .scope = request.scope, .task = request.task, .output = base::Text(out.finish())};
}

std::string nested_synchronous_text(const reading::ExecutionView& nested) {
  constexpr std::string_view kIncluded = R"({"Included":true})";
  const reading::Billing billing = reading::billing_of(nested);
  json::ObjectText out;
  out.raw("BillingDetails",
          fmt::format(R"({{"BilledDurationInMilliseconds":{},"BilledMemoryUsedInMB":{}}})",
                      billing.duration_ms, billing.memory_mb));
  if (nested.cause) out.text("Cause", *nested.cause);
  if (nested.error) out.text("Error", *nested.error);
  out.text("ExecutionArn", nested.arn);
  out.text("Input", nested.input.view());
  out.raw("InputDetails", kIncluded);
  out.text("Name", nested.name);
  if (nested.status == ExecutionStatus::kSucceeded) out.text("Output", nested.output.view());
  out.raw("OutputDetails", kIncluded);
  out.text("StartDate", base::format_iso_ms(nested.start_ms));
  out.text("StateMachineArn", nested.machine_arn);
  out.text("Status", history::to_string(nested.status));
  out.text("StopDate", base::format_iso_ms(nested.stop_ms));
  if (!nested.trace_header.empty()) out.text("TraceHeader", nested.trace_header);
  return out.finish();
}

}  // namespace weft::running
