#include <charconv>

#include <fmt/format.h>

#include "api/lambda/function_configuration.h"
#include "api/lambda/lambda_call.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

// AWS: ListFunctions gives 50 a page at most, whatever more is asked for.
constexpr int kPageMax = 50;
constexpr int kMaxItemsMax = 10'000;

LambdaResult<int> page_size(const LambdaCall& call) {
  const auto text = call.query.find("MaxItems");
  if (!text) return kPageMax;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 1 ||
      value > kMaxItemsMax) {
    return std::unexpected(
        validation_fault(*text, "maxItems",
                         fmt::format("Member must be a whole number from 1 to {}", kMaxItemsMax)));
  }
  return std::min(value, kPageMax);
}

}  // namespace

// A marker is the name of the last function of the page before.
LambdaResult<net::Response> list_functions(const LambdaCall& call) {
  const auto size = page_size(call);
  if (!size) return std::unexpected(size.error());
  const std::string after(call.query.find("Marker").value_or(""));
  json::Arena arena;
  json::ArrayBuilder functions(arena);
  std::string last;
  bool more = false;
  for (const lambda::FunctionDescription& function : call.functions.describe()) {
    if (function.config.name <= after) continue;
    more = functions.size() == static_cast<size_t>(*size);
    if (more) break;
    functions.push(configuration_value(function, arena));
    last = function.config.name;
  }
  aws::Answer answer(arena);
  if (more) answer.text("NextMarker", last);
  return lambda_answer(call, 200, answer.value("Functions", functions.finish()).to_text());
}

}  // namespace weft::api
