#include <utility>

#include <fmt/format.h>

#include "api/lambda/invoke_limits.h"
#include "api/lambda/lambda_call.h"
#include "cloudwatch/packed.h"
#include "integrations/lambda/error_payload.h"
#include "integrations/lambda/function_log.h"

namespace weft::api {
namespace {

using Outcome = lambda::InvocationResult::Outcome;

// AWS's InvocationType.
enum class Kind : uint8_t { kRequestResponse, kEvent, kDryRun };

LambdaResult<Kind> kind_of(const net::Request& request) {
  const std::string_view text = request.headers.get("X-Amz-Invocation-Type");
  if (text.empty() || text == "RequestResponse") return Kind::kRequestResponse;
  if (text == "Event") return Kind::kEvent;
  if (text == "DryRun") return Kind::kDryRun;
  return std::unexpected(
      validation_fault(text, "invocationType",
                       "Member must satisfy enum value set: [Event, RequestResponse, DryRun]"));
}

// True for LogType Tail.
LambdaResult<bool> wants_log(const net::Request& request) {
  const std::string_view text = request.headers.get("X-Amz-Log-Type");
  if (text.empty() || text == "None") return false;
  if (text == "Tail") return true;
  return std::unexpected(
      validation_fault(text, "logType", "Member must satisfy enum value set: [None, Tail]"));
}

LambdaFault not_json(std::string_view why) {
  return {400, "InvalidRequestContentException",
          fmt::format("Could not parse request body into json: Could not parse payload into json: "
                      "{}",
                      why)};
}

LambdaResult<std::string> client_context(const net::Request& request) {
  const std::string_view text = request.headers.get("X-Amz-Client-Context");
  if (text.empty()) return std::string();
  if (text.size() > kClientContextBytesMax) {
    return std::unexpected(
        LambdaFault{400, "InvalidRequestContentException",
                    fmt::format("Client context must be no more than {} bytes of Base64, not {}",
                                kClientContextBytesMax, text.size())});
  }
  auto decoded = cloudwatch::decode_base64(text);
  if (!decoded || !lambda::json_fault(*decoded).empty()) {
    return std::unexpected(
        LambdaFault{400, "InvalidRequestContentException",
                    "Client context must be a valid Base64-encoded JSON object."});
  }
  return std::move(*decoded);
}

LambdaResult<base::Text> payload_of(const net::Request& request, Kind kind) {
  const uint64_t limit = kind == Kind::kEvent ? kEventBytesMax : kRequestBytesMax;
  if (request.body_size() > limit) return std::unexpected(too_large(limit));
  std::string body = request.body;
  if (request.spooled) {
    auto spooled = request.spooled->read();
    if (!spooled) {
      return std::unexpected(
          LambdaFault{500, "ServiceException", "The request's body cannot be read back"});
    }
    body = std::move(*spooled);
  }
  // AWS gives a function an empty event when there is no payload.
  if (body.empty()) return base::Text("{}");
  if (const std::string why = lambda::json_fault(body); !why.empty())
    return std::unexpected(not_json(why));
  return base::Text(std::move(body));
}

net::Response response_of(lambda::InvocationResult& result, const std::string& id, bool log,
                          int memory_mb) {
  net::Response response;
  response.headers.set("Content-Type", "application/json");
  response.headers.set("x-amzn-RequestId", id);
  response.headers.set("X-Amz-Executed-Version", "$LATEST");
  if (result.outcome != Outcome::kSucceeded)
    response.headers.set("X-Amz-Function-Error", "Unhandled");
  if (log) response.headers.set("X-Amz-Log-Result", lambda::log_result(id, result, memory_mb));
  response.body = result.payload.str();
  return response;
}

}  // namespace

LambdaFault too_large(uint64_t limit) {
  return {
      413, "RequestTooLargeException",
      fmt::format("Request must be smaller than {} bytes for the InvokeFunction operation", limit)};
}

LambdaResult<void> invoke_function(const LambdaCall& call, net::Responder& responder) {
  const auto function = named_function(call);
  if (!function) return std::unexpected(function.error());
  const auto kind = kind_of(call.request);
  if (!kind) return std::unexpected(kind.error());
  const auto log = wants_log(call.request);
  if (!log) return std::unexpected(log.error());
  auto context = client_context(call.request);
  if (!context) return std::unexpected(context.error());
  auto payload = payload_of(call.request, *kind);
  if (!payload) return std::unexpected(payload.error());
  if (*kind == Kind::kDryRun) {
    responder(lambda_answer(call, 204, {}));
    return {};
  }
  std::string named = function->config.name;
  if (!call.function.qualifier.empty()) named += ":" + call.function.qualifier;
  lambda::Invocation invocation{
      .function = std::move(named),
      .payload = std::move(*payload),
      .request_id = call.request_id,
      .client_context = std::move(*context),
      .trace_header = std::string(call.request.headers.get("X-Amzn-Trace-Id"))};
  if (*kind == Kind::kEvent) {
    call.functions.invoke(std::move(invocation), [](lambda::InvocationResult) {});
    responder(lambda_answer(call, 202, {}));
    return {};
  }
  call.functions.invoke(
      std::move(invocation),
      [responder = std::move(responder), id = call.request_id, log = *log,
       memory_mb = function->config.memory_mb](lambda::InvocationResult result) mutable {
        responder(response_of(result, id, log, memory_mb));
      });
  return {};
}

}  // namespace weft::api
