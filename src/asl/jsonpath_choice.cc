#include "asl/jsonpath_choice.h"

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/jsonpath_fields.h"
#include "base/time.h"

namespace weft::asl {
namespace {

// What a condition is made by: `Variable` with an operator, or one of And, Or, Not.
std::vector<std::string_view> joins_of(const json::Value& rule) {
  std::vector<std::string_view> found;
  for (std::string_view name : {"And", "Or", "Not"}) {
    if (!rule.find(name).is_undefined()) found.push_back(name);
  }
  return found;
}

std::vector<std::string_view> operators_of(const json::Value& rule) {
  std::vector<std::string_view> found;
  for (size_t i = 0; i < rule.size(); ++i) {
    if (parse_comparator(rule.key(i))) found.push_back(rule.key(i));
  }
  return found;
}

// The operand of an operator that is none of a path; false and a finding when it is of another
// type.
bool check_operand(Compilation& compilation, const Comparator& comparator,
                   const json::Value& operand, const Path& path) {
  using Type = Comparator::Type;
  auto expect = [&](bool fits, std::string_view type) {
    if (!fits) compilation.error(path, fmt::format("Expected value of type {}", type));
    return fits;
  };
  switch (comparator.type) {
    case Type::kString:
    case Type::kMatches:
      return expect(operand.is_string(), "String");
    case Type::kNumeric:
      return expect(operand.is_number(), "Number");
    case Type::kBoolean:
    case Type::kIs:
      return expect(operand.is_bool(), "Boolean");
    case Type::kTimestamp:
      if (!expect(operand.is_string(), "String")) return false;
      if (base::parse_iso(operand.as_string())) return true;
      compilation.error(path, "String does not match RFC3339 timestamp");
      return false;
  }
  return false;
}

std::optional<Condition> compile_test(StateContext& context, const json::Value& rule,
                                      const Path& path) {
  Compilation& compilation = context.compilation();
  const std::vector<std::string_view> names = operators_of(rule);
  if (names.size() > 1) {
    compilation.error(
        path, fmt::format("Only one of these fields is allowed: [{}]", fmt::join(names, ", ")));
    return std::nullopt;
  }
  if (!require_members(compilation, rule, path, {"Variable"})) return std::nullopt;
  if (names.empty()) {
    compilation.error(path, "A comparison operator is required beside 'Variable'");
    return std::nullopt;
  }
  Condition test{.comparator = *parse_comparator(names.front()),
                 .operand = rule.find(names.front())};
  const Path at = path.member(names.front());
  test.variable = compile_path(compilation, rule.find("Variable"), path.member("Variable"));
  if (test.comparator.path) {
    test.operand_path = compile_path(compilation, test.operand, at);
    if (!test.operand_path) return std::nullopt;
  } else if (!check_operand(compilation, test.comparator, test.operand, at)) {
    return std::nullopt;
  }
  if (test.comparator.type == Comparator::Type::kMatches) {
    test.pattern = MatchPattern::parse(test.operand.as_string());
    if (!test.pattern) {
      compilation.error(at, "A backslash in a pattern must stand before '*' or another backslash");
      return std::nullopt;
    }
  }
  return test.variable ? std::optional(std::move(test)) : std::nullopt;
}

// A condition inside And, Or or Not has no transition of its own.
std::optional<Condition> compile_inner(StateContext& context, const json::Value& rule,
                                       const Path& path) {
  Compilation& compilation = context.compilation();
  if (!expect_object(compilation, rule, path)) return std::nullopt;
  for (size_t i = 0; i < rule.size(); ++i) {
    const std::string_view name = rule.key(i);
    if (name != "Comment" && !is_condition_member(name)) {
      compilation.error_about(path, name, fmt::format("Field '{}' is not supported", name));
    }
  }
  return compile_condition(context, rule, path);
}

std::optional<Condition> compile_join(StateContext& context, const json::Value& rule,
                                      const Path& path, std::string_view name) {
  Compilation& compilation = context.compilation();
  const json::Value parts = rule.find(name);
  const Path at = path.member(name);
  Condition join{.kind = name == "And"  ? Condition::Kind::kAnd
                         : name == "Or" ? Condition::Kind::kOr
                                        : Condition::Kind::kNot};
  if (join.kind == Condition::Kind::kNot) {
    auto inner = compile_inner(context, parts, at);
    if (!inner) return std::nullopt;
    join.parts.push_back(*std::move(inner));
    return join;
  }
  if (!expect_array(compilation, parts, at)) return std::nullopt;
  if (parts.size() == 0) compilation.error(at, "Value cannot be empty");
  bool complete = parts.size() > 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    auto inner = compile_inner(context, parts.item(i), at.element(i));
    complete = complete && inner.has_value();
    if (inner) join.parts.push_back(*std::move(inner));
  }
  return complete ? std::optional(std::move(join)) : std::nullopt;
}

}  // namespace

bool is_condition_member(std::string_view name) {
  return name == "Variable" || name == "And" || name == "Or" || name == "Not" ||
         parse_comparator(name).has_value();
}

std::optional<Condition> compile_condition(StateContext& context, const json::Value& rule,
                                           const Path& path) {
  std::vector<std::string_view> makers = joins_of(rule);
  const bool test = !rule.find("Variable").is_undefined() || !operators_of(rule).empty();
  if (makers.size() + (test ? 1 : 0) > 1) {
    if (test) makers.insert(makers.begin(), "Variable");
    context.compilation().error(
        path, fmt::format("Only one of these fields is allowed: [{}]", fmt::join(makers, ", ")));
    return std::nullopt;
  }
  if (makers.empty()) return compile_test(context, rule, path);
  return compile_join(context, rule, path, makers.front());
}

}  // namespace weft::asl
