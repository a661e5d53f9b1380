#pragma once

#include <expected>
#include <string>

#include "arn/function_name.h"
#include "integrations/lambda/function_pool.h"
#include "net/http.h"
#include "net/url.h"

// One call of Lambda's API, as its operations see it, and how they answer (AWS: Lambda API
// reference; protocol: Smithy, "AWS restJson1 protocol").

namespace weft::api {

struct LambdaFault {
  int status = 400;
  std::string type;  // AWS's name, "ResourceNotFoundException"
  std::string message;
};

template <typename T>
using LambdaResult = std::expected<T, LambdaFault>;

struct LambdaCall {
  lambda::FunctionPool& functions;
  const net::Request& request;
  const net::Query query;
  const arn::FunctionName function;  // as the path and `Qualifier` name it; empty where none is
  const std::string request_id;
};

// The function that the call names. 404 ResourceNotFoundException.
LambdaResult<lambda::FunctionDescription> named_function(const LambdaCall& call);
LambdaFault validation_fault(std::string_view value, std::string_view member,
                             std::string_view rule);

// A JSON answer.
net::Response lambda_answer(const LambdaCall& call, int status, std::string body);

// The operations, a file each. All may block, but for invoke_function: it answers later.
LambdaResult<net::Response> list_functions(const LambdaCall& call);
LambdaResult<net::Response> get_function(const LambdaCall& call);
LambdaResult<net::Response> get_function_configuration(const LambdaCall& call);
// Takes `responder` only when it succeeds.
LambdaResult<void> invoke_function(const LambdaCall& call, net::Responder& responder);

}  // namespace weft::api
