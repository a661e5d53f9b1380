#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "integrations/lambda/invocation.h"
#include "integrations/lambda/supervisor.h"

// The error payloads AWS Lambda makes itself, as JSON texts:
// `{"errorType":...,"errorMessage":"RequestId: <id> Error: ..."}`. Texts as AWS's service returns
// them for managed runtimes.

namespace weft::lambda {

// Sandbox.Timedout: `Task timed out after 3.00 seconds`.
std::string timed_out_payload(std::string_view request_id, std::chrono::milliseconds timeout);
// Runtime.ExitError: `Runtime exited with error: exit status 1` / `signal: killed`;
// Runtime.InvalidEntrypoint when the process could not be started.
std::string exit_payload(std::string_view request_id, const ProcessExit& exit);
// Function.ResponseSizeTooLarge.
std::string response_too_large_payload();
// Runtime.InvalidResponse: the answer is not JSON.
std::string invalid_response_payload(std::string_view request_id, std::string_view why);

// `errorType` of an error payload, or `Lambda.Unknown` when it is not an object with such a text.
std::string error_type_of(std::string_view payload);
// A result with this payload and the Error and Cause that follow from it.
InvocationResult failed_result(InvocationResult::Outcome outcome, std::string payload);
// Empty when `text` is JSON, else what is wrong with it.
std::string json_fault(std::string_view text);

}  // namespace weft::lambda
