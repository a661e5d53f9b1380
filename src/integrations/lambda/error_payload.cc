#include "integrations/lambda/error_payload.h"

#include <fmt/format.h>
#include <string.h>

#include "base/limits.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::lambda {
namespace {

std::string payload(std::string_view type, std::string_view request_id, std::string_view message) {
  std::string result = "{\"errorType\":";
  json::write_string(type, result);
  result += ",\"errorMessage\":";
  json::write_string(fmt::format("RequestId: {} Error: {}", request_id, message), result);
  result += '}';
  return result;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::string timed_out_payload(std::string_view request_id, std::chrono::milliseconds timeout) {
  return payload("Sandbox.Timedout", request_id,
                 fmt::format("Task timed out after {:.2f} seconds",
                             static_cast<double>(timeout.count()) / 1000));
}

std::string exit_payload(std::string_view request_id, const ProcessExit& exit) {
  if (!exit.start_error.empty()) {
    return payload("Runtime.InvalidEntrypoint", request_id, lower(exit.start_error));
  }
  if (exit.signal != 0) {
    const char* name = sigdescr_np(exit.signal);
    return payload("Runtime.ExitError", request_id,
                   fmt::format("Runtime exited with error: signal: {}",
                               name != nullptr ? lower(name) : std::to_string(exit.signal)));
  }
  if (exit.status != 0) {
    return payload("Runtime.ExitError", request_id,
                   fmt::format("Runtime exited with error: exit status {}", exit.status));
  }
  return payload("Runtime.ExitError", request_id, "Runtime exited without providing a reason");
}

std::string response_too_large_payload() {
  return fmt::format(
      R"({{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size ({} bytes)."}})",
      base::kLambdaResponseBytesMax);
}

std::string invalid_response_payload(std::string_view request_id, std::string_view why) {
  return payload("Runtime.InvalidResponse", request_id,
                 fmt::format("The response is not JSON: {}", why));
}

std::string error_type_of(std::string_view text) {
  json::Arena arena;
  auto value = json::parse(text, arena);
  if (value) {
    json::Value type = value->find("errorType");
    if (type.is_string() && !type.as_string().empty()) return std::string(type.as_string());
  }
  return "Lambda.Unknown";
}

InvocationResult failed_result(InvocationResult::Outcome outcome, std::string text) {
  InvocationResult result;
  result.outcome = outcome;
  result.error = error_type_of(text);
  result.cause = text;
  result.payload = base::Text(std::move(text));
  return result;
}

std::string json_fault(std::string_view text) {
  json::Arena arena;
  auto value = json::parse(text, arena);
  return value ? "" : value.error().message;
}

}  // namespace weft::lambda
