#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/jsonpath_query.h"
#include "jsonpath/state_path.h"

// Internal to src/asl: the conditions of a JSONPath Choice (AWS page "Choice workflow state").

namespace weft::asl {

// One comparison operator of a rule, taken apart: "NumericLessThanEqualsPath" is a comparison of
// numbers with <=, whose operand is a path.
struct Comparator {
  enum class Type : uint8_t { kString, kNumeric, kBoolean, kTimestamp, kMatches, kIs };
  enum class Order : uint8_t { kEquals, kLess, kGreater, kLessEquals, kGreaterEquals };
  enum class Is : uint8_t { kNull, kPresent, kNumeric, kString, kBoolean, kTimestamp };
  Type type = Type::kString;
  Order order = Order::kEquals;
  Is is = Is::kNull;
  bool path = false;  // the operand is a path
};
// Nothing when no operator is called so.
std::optional<Comparator> parse_comparator(std::string_view name);

// A pattern of StringMatches: `*` stands for any run of characters, `\*` for a star, `\\` for a
// backslash.
class MatchPattern {
 public:
  // Nothing when a backslash stands before anything else, or last.
  static std::optional<MatchPattern> parse(std::string_view text);
  bool matches(std::string_view text) const;

 private:
  std::vector<std::string> pieces_;  // the texts between the stars
};

// A rule of a Choice, compiled: a comparison, or others joined. A plain value, immutable once
// compiled.
struct Condition {
  enum class Kind : uint8_t { kTest, kAnd, kOr, kNot };
  Kind kind = Kind::kTest;
  std::vector<Condition> parts;  // kAnd, kOr; kNot: one
  // kTest:
  Comparator comparator;
  std::optional<jsonpath::StatePath> variable;
  json::Value operand;
  std::optional<jsonpath::StatePath> operand_path;
  std::optional<MatchPattern> pattern;
};

// A rule's condition. And and Or stop as soon as they know, so that IsPresent can stand guard.
class ConditionQuery : public JsonPathQuery {
 public:
  explicit ConditionQuery(Condition condition) : condition_(std::move(condition)) {}

  Evaluated<json::Value> evaluate(Evaluation& data) const override;
  void add_variables(std::set<std::string>& names) const override;

 private:
  Condition condition_;
};

}  // namespace weft::asl
