#include "api/lambda/function_configuration.h"
#include "api/lambda/lambda_call.h"
#include "aws/answer.h"

namespace weft::api {

LambdaResult<net::Response> get_function(const LambdaCall& call) {
  const auto function = named_function(call);
  if (!function) return std::unexpected(function.error());
  json::Arena arena;
  aws::Answer code(arena);
  code.text("RepositoryType", "file").text("Location", "file://" + function->source);
  aws::Answer answer(arena);
  answer.value("Configuration", configuration_value(*function, arena)).value("Code", code.finish());
  return lambda_answer(call, 200, answer.to_text());
}

LambdaResult<net::Response> get_function_configuration(const LambdaCall& call) {
  const auto function = named_function(call);
  if (!function) return std::unexpected(function.error());
  json::Arena arena;
  std::string body = json::to_text(configuration_value(*function, arena));
  return lambda_answer(call, 200, std::move(body));
}

}  // namespace weft::api
