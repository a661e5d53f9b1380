#include "jsonata/suite.h"

#include <vector>

#include <fmt/format.h>

#include "json/equal.h"
#include "json/write.h"

namespace weft::jsonata {

namespace {

// The error of a case: code and the further fields `expect` may name.
struct Raised {
  std::string code;
  std::string message;
  std::string token;
  std::string value;
  std::string function_name;
  size_t position = 0;
};

CaseOutcome failure(std::string detail) { return {false, std::move(detail)}; }

CaseOutcome check_error(const json::Value& expect, const Raised& raised) {
  if (!expect.find("code").is_string())
    return failure(fmt::format("raised {} ({})", raised.code, raised.message));
  const auto differs = [&](std::string_view field, std::string_view got) {
    const json::Value wanted = expect.find(field);
    return !wanted.is_undefined() && wanted.as_string() != got;
  };
  if (differs("code", raised.code)) {
    return failure(fmt::format("expected {}, raised {} ({})", expect.find("code").as_string(),
                               raised.code, raised.message));
  }
  if (differs("token", raised.token)) return failure(fmt::format("token is '{}'", raised.token));
  if (differs("message", raised.message))
    return failure(fmt::format("message is '{}'", raised.message));
  if (differs("functionName", raised.function_name))
    return failure(fmt::format("functionName is '{}'", raised.function_name));
  const json::Value position = expect.find("position");
  if (!position.is_undefined() && position.as_int() != static_cast<int64_t>(raised.position))
    return failure(fmt::format("position is {}", raised.position));
  const json::Value value = expect.find("value");
  if (!value.is_undefined() && json::to_text(value) != raised.value)
    return failure(fmt::format("value is {}", raised.value));
  return {true, {}};
}

CaseOutcome check_result(const json::Value& expect, const json::Value& result) {
  const std::string got = result.is_undefined() ? "undefined" : json::to_text(result);
  if (expect.find("code").is_string()) {
    return failure(fmt::format("expected error {}, got {}", expect.find("code").as_string(), got));
  }
  if (expect.find("undefined").as_bool()) {
    return result.is_undefined() ? CaseOutcome{true, {}} : failure("expected nothing, got " + got);
  }
  const json::Value wanted = expect.find("result");
  if (json::equal(wanted, result)) return {true, {}};
  // A function prints as "" and compares as one.
  if (result.is_container() && json::to_text(wanted) == got) return {true, {}};
  return failure(fmt::format("expected {}, got {}", json::to_text(wanted), got));
}

}  // namespace

CaseOutcome run_case(const json::Value& test_case,
                     const std::function<json::Value(std::string_view)>& dataset,
                     const Environment& environment, json::Arena& arena) {
  const json::Value expect = test_case.find("expect");
  const auto expression =
      Expression::compile(test_case.find("expr").as_string(), Dialect::kReference);
  if (!expression) {
    const CompileError& error = expression.error();
    return check_error(expect, {error.code, error.message, error.token, {}, {}, error.position});
  }
  json::Value input = test_case.find("data");
  if (test_case.find("dataset").is_string()) input = dataset(test_case.find("dataset").as_string());
  std::vector<Binding> bindings;
  const json::Value variables = test_case.find("bindings");
  for (size_t i = 0; i < variables.size(); ++i)
    bindings.push_back({variables.key(i), variables.member(i)});
  Budget budget = Budget::unbounded();
  const bool limited = test_case.find("depth").is_number();
  if (limited) budget.depth = static_cast<uint32_t>(test_case.find("depth").as_int());
  budget.wall = std::chrono::milliseconds(test_case.find("timelimit").as_int());
  const auto result = evaluate(**expression, input, bindings, arena, environment, budget);
  if (result) return check_result(expect, *result);
  const EvaluationError& error = result.error();
  // The suite's own code for its own bounds.
  const bool bound = limited && (error.code.empty() || error.code == "D1011");
  return check_error(expect, {bound ? "U1001" : error.code, error.message, error.token, error.value,
                              error.function_name, error.position});
}

}  // namespace weft::jsonata
