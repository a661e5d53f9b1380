#include "api/lambda/lambda_handler.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/lambda/invoke_limits.h"
#include "api/lambda/lambda_call.h"
#include "aws/answer.h"
#include "aws/json_protocol.h"
#include "base/ascii.h"

namespace weft::api {
namespace {

constexpr std::string_view kFunctions = "functions";
constexpr size_t kDateChars = 10;  // YYYY-MM-DD, an API's version

net::Response fault_response(const LambdaFault& fault, std::string request_id) {
  net::Response response{.status = fault.status};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("x-amzn-RequestId", std::move(request_id));
  response.headers.set("x-amzn-ErrorType", fault.type);
  json::Arena arena;
  aws::Answer body(arena);
  body.text("Type", fault.status < 500 ? "User" : "Service");
  // AWS's model spells the member in capitals in these two alone.
  const bool capital =
      fault.type == "ResourceNotFoundException" || fault.type == "ServiceException";
  response.body =
      body.text(capital ? "Message" : "message", aws::message_text(fault.message)).to_text();
  return response;
}

// The path behind /YYYY-MM-DD/, decoded, cut at its slashes; what an ARN holds of them is encoded.
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(std::min(path.size(), kDateChars + 2));
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    if (end > 0) {
      const std::string_view text = path.substr(0, end);
      segments.push_back(net::percent_decode(text).value_or(std::string(text)));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

using Operation = LambdaResult<net::Response> (*)(const LambdaCall&);

struct Target {
  Operation run = nullptr;  // null: Invoke
  std::string function;     // as named in the path
};

// What a method and path ask for; nothing: no operation that is here.
std::optional<Target> target_of(const net::Request& request) {
  const std::vector<std::string> path = segments_of(request.path);
  const bool read = request.method == "GET";
  if (path.size() == 1 && read) return Target{list_functions, {}};
  if (path.size() == 2 && read) return Target{get_function, path[1]};
  if (path.size() != 3) return std::nullopt;
  if (path[2] == "configuration" && read) return Target{get_function_configuration, path[1]};
  if (path[2] == "invocations" && request.method == "POST") return Target{nullptr, path[1]};
  return std::nullopt;
}

// The name in the path with what the query says of the qualifier. AWS refuses two that differ.
LambdaResult<arn::FunctionName> name_of(const std::string& text, const net::Query& query) {
  arn::FunctionName name = arn::parse_function_name(text);
  const auto qualifier = query.find("Qualifier");
  if (!qualifier) return name;
  const bool legal = !qualifier->empty() && qualifier->size() <= 128 &&
                     std::ranges::all_of(*qualifier, [](char c) {
                       return base::is_letter_or_digit(c) || c == '$' || c == '-' || c == '_';
                     });
  if (!legal) {
    return std::unexpected(validation_fault(
        *qualifier, "qualifier",
        "Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+), 1 to 128 characters"));
  }
  if (!name.qualifier.empty() && name.qualifier != *qualifier) {
    return std::unexpected(LambdaFault{
        400, "InvalidParameterValueException",
        "The derived qualifier from the function name does not match the specified qualifier."});
  }
  name.qualifier = *qualifier;
  return name;
}

void answer(lambda::FunctionPool& functions, const net::Request& request,
            net::Responder responder) {
  const std::string id = aws::random_uuid();
  const auto target = target_of(request);
  if (!target) {
    return responder(fault_response(
        {404, "UnknownOperationException",
         fmt::format("Weft has no operation {} {}: it invokes, lists and shows the functions that "
                     "it was started with",
                     request.method, request.path)},
        id));
  }
  net::Query query = net::Query::parse(request.query);
  auto name = name_of(target->function, query);
  if (!name) return responder(fault_response(name.error(), id));
  const LambdaCall call{.functions = functions,
                        .request = request,
                        .query = std::move(query),
                        .function = std::move(*name),
                        .request_id = id};
  if (target->run != nullptr) {
    auto response = target->run(call);
    return responder(response ? std::move(*response) : fault_response(response.error(), id));
  }
  if (auto taken = invoke_function(call, responder); !taken)
    responder(fault_response(taken.error(), id));
}

}  // namespace

LambdaResult<lambda::FunctionDescription> named_function(const LambdaCall& call) {
  auto found = call.functions.describe(call.function.name);
  if (found) return std::move(*found);
  return std::unexpected(
      LambdaFault{404, "ResourceNotFoundException",
                  "Function not found: " + call.functions.arn(call.function.name)});
}

LambdaFault validation_fault(std::string_view value, std::string_view member,
                             std::string_view rule) {
  return {400, "ValidationException",
          fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                      "constraint: {}",
                      value, member, rule)};
}

net::Response lambda_answer(const LambdaCall& call, int status, std::string body) {
  net::Response response{.status = status};
  if (status != 204) response.headers.set("Content-Type", "application/json");
  response.headers.set("x-amzn-RequestId", call.request_id);
  response.body = std::move(body);
  return response;
}

net::Handler make_lambda_handler(lambda::FunctionPool& functions, net::WorkerPool& workers) {
  return [&functions, &workers](net::Request request, net::Responder responder) {
    workers.post(
        [&functions, request = std::move(request), responder = std::move(responder)]() mutable {
          answer(functions, request, std::move(responder));
        });
  };
}

bool is_lambda_version(std::string_view first) {
  if (first.size() != kDateChars) return false;
  for (size_t i = 0; i < first.size(); ++i) {
    const bool digit = first[i] >= '0' && first[i] <= '9';
    if (i == 4 || i == 7 ? first[i] != '-' : !digit) return false;
  }
  return true;
}

bool is_lambda_request(const net::Request& request) {
  std::string_view path = request.path;
  if (request.headers.find("X-Amz-Target") || !path.starts_with('/')) return false;
  path.remove_prefix(1);
  if (!is_lambda_version(path.substr(0, kDateChars)) || path.size() <= kDateChars) return false;
  path.remove_prefix(kDateChars);
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  return path.starts_with(kFunctions) &&
         (path.size() == kFunctions.size() || path[kFunctions.size()] == '/');
}

uint64_t lambda_body_limit(const net::Request& request) {
  return request.headers.get("X-Amz-Invocation-Type") == "Event" ? kEventBytesMax
                                                                 : kRequestBytesMax;
}

net::Response refuse_lambda_body(const net::Request& request, int status) {
  if (status == 503) {
    return fault_response({503, "ServiceException", "There is no room for the body just now"},
                          aws::random_uuid());
  }
  return fault_response(too_large(lambda_body_limit(request)), aws::random_uuid());
}

}  // namespace weft::api
