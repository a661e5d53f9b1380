#include "jsonpath/cases.h"

#include <fmt/format.h>

#include "json/exact.h"
#include "jsonpath/limits.h"
#include "jsonpath/path.h"

namespace weft::jsonpath {

namespace {

constexpr std::string_view kNotFound = "PathNotFoundException";
constexpr std::string_view kInvalid = "InvalidPathException";

CaseOutcome failure(std::string detail) { return {false, std::move(detail)}; }

bool same_number(const json::Value& a, const json::Value& b) {
  const std::string_view digits = json::long_integer_digits(a);
  if (!digits.empty() || !json::long_integer_digits(b).empty())
    return digits == json::long_integer_digits(b);
  if (a.is_exact_int() && b.is_exact_int()) return a.as_int() == b.as_int();
  return a.as_double() == b.as_double();
}

// Equality with members in order.
bool same_value(const json::Value& a, const json::Value& b, int depth = 0) {
  if (depth > kWalkDepthMax || a.kind() != b.kind() || a.size() != b.size()) return false;
  if (a.is_number()) return same_number(a, b);
  if (!a.is_container()) return a.same(b);
  for (size_t i = 0; i < a.size(); ++i) {
    if (a.is_object() && a.key(i) != b.key(i)) return false;
    const bool same = a.is_array() ? same_value(a.item(i), b.item(i), depth + 1)
                                   : same_value(a.member(i), b.member(i), depth + 1);
    if (!same) return false;
  }
  return true;
}

// What the case says of an answer: `expected` holds `result` or `error`.
CaseOutcome check_value(const json::Value& expected, const json::Value& value, json::Arena& arena) {
  const std::string got = json::to_exact_text(value);
  const json::Value error = expected.find("error");
  if (error.is_object()) {
    return failure(fmt::format("expected {} ({}), got {}", error.find("class").as_string(),
                               error.find("message").as_string(), got));
  }
  const auto wanted = json::parse_exact(expected.find("result").as_string(), arena);
  if (!wanted) return failure("the case's result is no JSON: " + wanted.error().message);
  if (same_value(*wanted, value)) return {true, {}};
  return failure(fmt::format("expected {}, got {}", expected.find("result").as_string(), got));
}

// The part of a message that counts: values are printed by Java.
std::string_view counted_part(std::string_view message) {
  constexpr std::string_view kContext = "Current context is: ";
  const size_t at = message.find(kContext);
  return at == std::string_view::npos ? message : message.substr(0, at + kContext.size());
}

bool message_counts(std::string_view type, std::string_view message) {
  return type == kNotFound || (type == kInvalid && (message.starts_with("Multi properties") ||
                                                    message.starts_with("Filter: ")));
}

CaseOutcome check_failure(const json::Value& expected, const Failure& raised) {
  const json::Value error = expected.find("error");
  if (!error.is_object()) {
    return failure(fmt::format("expected {}, failed: {}", expected.find("result").as_string(),
                               raised.message));
  }
  if (error.find("when").as_string() != "eval")
    return failure(fmt::format("expected the path to be refused, failed: {}", raised.message));
  const std::string_view type = error.find("class").as_string();
  const std::string_view message = error.find("message").as_string();
  const bool fits = type == kNotFound  ? raised.is_absence()
                    : type == kInvalid ? raised.kind == Failure::Kind::kInvalid
                                       : true;
  if (fits &&
      (!message_counts(type, message) || counted_part(message) == counted_part(raised.message)))
    return {true, {}};
  return failure(fmt::format("expected {} ({}), failed: {}", type, message, raised.message));
}

CaseOutcome check_answer(const json::Value& expected,
                         const std::expected<json::Value, Failure>& answer, json::Arena& arena) {
  return answer ? check_value(expected, *answer, arena) : check_failure(expected, answer.error());
}

CaseOutcome run(const json::Value& test_case, json::Arena& arena, bool as_template) {
  const auto path = Path::compile(test_case.find("path").as_string());
  const json::Value definite = test_case.find("definite");
  if (!path) {
    return definite.is_null() ? CaseOutcome{true, {}}
                              : failure("the path is refused: " + path.error().message);
  }
  if (definite.is_null()) return failure("the path is accepted");
  if (definite.as_bool() != path->is_definite())
    return failure(path->is_definite() ? "the path is definite" : "the path is indefinite");
  const auto document = json::parse_exact(test_case.find("document").as_string(), arena);
  if (!document) return failure("the document is no JSON: " + document.error().message);
  const auto answer =
      evaluate(*path, *document, arena, as_template ? OutOfRange::kNull : OutOfRange::kFails);
  const json::Value alternative = test_case.find("alt");
  if (as_template)
    return check_answer(alternative.is_object() ? alternative : test_case, answer, arena);
  CaseOutcome outcome = check_answer(test_case, answer, arena);
  if (!outcome.passed && alternative.is_object() && check_answer(alternative, answer, arena).passed)
    return {true, {}};
  return outcome;
}

}  // namespace

CaseOutcome run_case(const json::Value& test_case, json::Arena& arena) {
  return run(test_case, arena, false);
}

CaseOutcome run_template_case(const json::Value& test_case, json::Arena& arena) {
  return run(test_case, arena, true);
}

}  // namespace weft::jsonpath
