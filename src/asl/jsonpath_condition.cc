#include "asl/jsonpath_condition.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "json/utf8.h"

namespace weft::asl {
namespace {

using Type = Comparator::Type;
using Order = Comparator::Order;
using Is = Comparator::Is;

int compare_numbers(json::Value a, json::Value b) {
  if (a.is_exact_int() && b.is_exact_int())
    return a.as_int() < b.as_int() ? -1 : static_cast<int>(a.as_int() > b.as_int());
  return a.as_double() < b.as_double() ? -1 : static_cast<int>(a.as_double() > b.as_double());
}

bool holds(Order order, int comparison) {
  switch (order) {
    case Order::kEquals:
      return comparison == 0;
    case Order::kLess:
      return comparison < 0;
    case Order::kGreater:
      return comparison > 0;
    case Order::kLessEquals:
      return comparison <= 0;
    case Order::kGreaterEquals:
      return comparison >= 0;
  }
  return false;
}

// A value of the wrong type makes a comparison false, never an error.
bool compare(const Comparator& comparator, json::Value value, json::Value operand) {
  switch (comparator.type) {
    case Type::kString:
      return value.is_string() && operand.is_string() &&
             holds(comparator.order, json::compare_utf16(value.as_string(), operand.as_string()));
    case Type::kNumeric:
      return value.is_number() && operand.is_number() &&
             holds(comparator.order, compare_numbers(value, operand));
    case Type::kBoolean:
      return value.is_bool() && operand.is_bool() && value.as_bool() == operand.as_bool();
    case Type::kTimestamp: {
      const auto left = base::parse_iso(value.as_string());
      const auto right = base::parse_iso(operand.as_string());
      return left && right &&
             holds(comparator.order, *left < *right ? -1 : static_cast<int>(*left > *right));
    }
    case Type::kMatches:
    case Type::kIs:
      break;
  }
  return false;
}

bool is(Is what, json::Value value) {
  switch (what) {
    case Is::kNull:
      return value.is_null();
    case Is::kPresent:
      return true;
    case Is::kNumeric:
      return value.is_number();
    case Is::kString:
      return value.is_string();
    case Is::kBoolean:
      return value.is_bool();
    case Is::kTimestamp:
      return base::parse_iso(value.as_string()).has_value();
  }
  return false;
}

// What one evaluation of a condition shares.
struct Run {
  Evaluation& data;
  json::Value document;
  DataScope scope;

  Evaluated<json::Value> read(const jsonpath::StatePath& path) {
    if (path.is_whole_document()) return document;
    auto value = path.evaluate(document, scope, data.arena());
    if (value) return *value;
    return std::unexpected(jsonpath_fault(
        fmt::format("Invalid path '{}': The choice state's condition path references an invalid "
                    "value.",
                    path.library_text())));
  }

  Evaluated<bool> test(const Condition& condition) {
    const Comparator& comparator = condition.comparator;
    auto value = read(*condition.variable);
    if (comparator.type == Type::kIs) {
      const bool presence = comparator.is == Is::kPresent;
      if (!value && !presence) return std::unexpected(std::move(value.error()));
      return (value && is(comparator.is, *value)) == condition.operand.as_bool();
    }
    if (!value) return std::unexpected(std::move(value.error()));
    if (comparator.type == Type::kMatches)
      return value->is_string() && condition.pattern->matches(value->as_string());
    if (!condition.operand_path) return compare(comparator, *value, condition.operand);
    auto operand = read(*condition.operand_path);
    if (!operand) return std::unexpected(std::move(operand.error()));
    return compare(comparator, *value, *operand);
  }

  Evaluated<bool> holds(const Condition& condition) {
    switch (condition.kind) {
      case Condition::Kind::kTest:
        return test(condition);
      case Condition::Kind::kNot: {
        auto inner = holds(condition.parts.front());
        if (!inner) return inner;
        return !*inner;
      }
      case Condition::Kind::kAnd:
      case Condition::Kind::kOr:
        break;
    }
    const bool decisive = condition.kind == Condition::Kind::kOr;
    for (const Condition& part : condition.parts) {
      auto one = holds(part);
      if (!one || *one == decisive) return one;
    }
    return !decisive;
  }
};

void collect(const Condition& condition, std::set<std::string>& names) {
  for (const auto* path : {&condition.variable, &condition.operand_path}) {
    if (*path && (*path)->root() == jsonpath::StatePath::Root::kVariable)
      names.insert((*path)->variable());
  }
  for (const Condition& part : condition.parts) collect(part, names);
}

}  // namespace

std::optional<Comparator> parse_comparator(std::string_view name) {
  constexpr std::pair<std::string_view, Is> kIsTests[] = {
      {"IsNull", Is::kNull},     {"IsPresent", Is::kPresent}, {"IsNumeric", Is::kNumeric},
      {"IsString", Is::kString}, {"IsBoolean", Is::kBoolean}, {"IsTimestamp", Is::kTimestamp}};
  for (const auto& [test, what] : kIsTests) {
    if (name == test) return Comparator{.type = Type::kIs, .is = what};
  }
  if (name == "StringMatches") return Comparator{.type = Type::kMatches};
  constexpr std::pair<std::string_view, Type> kTypes[] = {{"String", Type::kString},
                                                          {"Numeric", Type::kNumeric},
                                                          {"Boolean", Type::kBoolean},
                                                          {"Timestamp", Type::kTimestamp}};
  constexpr std::pair<std::string_view, Order> kOrders[] = {
      {"Equals", Order::kEquals},
      {"LessThan", Order::kLess},
      {"GreaterThan", Order::kGreater},
      {"LessThanEquals", Order::kLessEquals},
      {"GreaterThanEquals", Order::kGreaterEquals}};
  for (const auto& [prefix, type] : kTypes) {
    if (!name.starts_with(prefix)) continue;
    std::string_view rest = name.substr(prefix.size());
    const bool path = rest.ends_with("Path");
    if (path) rest.remove_suffix(4);
    for (const auto& [word, order] : kOrders) {
      if (rest == word && (type != Type::kBoolean || order == Order::kEquals))
        return Comparator{.type = type, .order = order, .path = path};
    }
  }
  return std::nullopt;
}

std::optional<MatchPattern> MatchPattern::parse(std::string_view text) {
  MatchPattern pattern;
  pattern.pieces_.emplace_back();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '*') {
      pattern.pieces_.emplace_back();
      continue;
    }
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '*' && text[i] != '\\')) return std::nullopt;
    }
    pattern.pieces_.back() += text[i];
  }
  return pattern;
}

bool MatchPattern::matches(std::string_view text) const {
  if (pieces_.size() == 1) return text == pieces_.front();
  if (!text.starts_with(pieces_.front())) return false;
  text.remove_prefix(pieces_.front().size());
  // The first place where a piece fits leaves the most for those after it.
  for (size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const size_t found = text.find(pieces_[i]);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + pieces_[i].size());
  }
  return text.ends_with(pieces_.back());
}

Evaluated<json::Value> ConditionQuery::evaluate(Evaluation& data) const {
  auto document = data.input();
  if (!document) return document;
  Run run{.data = data, .document = *document, .scope = DataScope(data)};
  auto result = run.holds(condition_);
  if (!result) return std::unexpected(std::move(result.error()));
  return json::Value::boolean(*result);
}

void ConditionQuery::add_variables(std::set<std::string>& names) const {
  collect(condition_, names);
}

}  // namespace weft::asl
