#include <fmt/format.h>

#include "json/utf8.h"
#include "jsonpath/evaluation.h"
#include "jsonpath/java_text.h"
#include "jsonpath/limits.h"

// Whether a node passes a filter.

namespace weft::jsonpath {

namespace {

// As the library sees null: also the text "null".
bool is_nullish(const json::Value& value) {
  return value.is_null() || (value.is_string() && value.as_string() == "null");
}

bool is_true(const json::Value& value) {
  if (value.is_bool()) return value.as_bool();
  const std::string_view text = value.as_string();
  constexpr std::string_view kTrue = "true";
  if (text.size() != kTrue.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != kTrue[i]) return false;
  }
  return true;
}

// What the operator makes of the left side's order against the right side.
bool fits(Criterion::Operator op, int order) {
  switch (op) {
    case Criterion::Operator::kEqual:
      return order == 0;
    case Criterion::Operator::kNotEqual:
      return order != 0;
    case Criterion::Operator::kGreaterEqual:
      return order >= 0;
    case Criterion::Operator::kLessEqual:
      return order <= 0;
    case Criterion::Operator::kGreater:
      return order > 0;
    default:
      return order < 0;
  }
}

}  // namespace

// The library works from the last piece to the first, which shows where one of them fails.
Evaluation::Holds Evaluation::matches(const Step& step, const json::Value& node) {
  if (step.filter == nullptr) {
    fail(Failure::Kind::kInvalid, "A filter is missing in '[?]'.");
    return Holds::kFailed;
  }
  const auto& alternatives = step.filter->alternatives;
  for (auto pieces = alternatives.rbegin(); pieces != alternatives.rend(); ++pieces) {
    Holds holds = Holds::kYes;
    for (auto piece = pieces->rbegin(); piece != pieces->rend() && holds == Holds::kYes; ++piece) {
      if (!spend(1)) return Holds::kFailed;
      holds = criterion_holds(*piece, node);
    }
    if (holds != Holds::kNo) return holds;
  }
  return Holds::kNo;
}

Evaluation::Holds Evaluation::criterion_holds(const Criterion& criterion, const json::Value& node) {
  if (criterion.op == Criterion::Operator::kMatches) return pattern_holds(criterion, node);
  if (criterion.op != Criterion::Operator::kExists && criterion.op != Criterion::Operator::kMissing)
    return comparison_holds(criterion, node);
  Side side;
  const Holds found = resolve(criterion.left, node, side, true);
  if (found == Holds::kFailed) return found;
  const bool exists = found == Holds::kYes && !side.value.is_null();
  return exists == (criterion.op == Criterion::Operator::kExists) ? Holds::kYes : Holds::kNo;
}

// kNo when a path finds nothing.
Evaluation::Holds Evaluation::resolve(const Operand& operand, const json::Value& node, Side& side,
                                      bool all_names) {
  if (operand.kind == Operand::Kind::kText) {
    side.value = json::Value::string_ref(operand.text);
    side.literal = &operand;
    return Holds::kYes;
  }
  if (operand.kind == Operand::Kind::kPattern) return Holds::kYes;
  Evaluation path(operand.path, root_, arena_, allowance_, out_of_range_);
  switch (path.find(operand.kind == Operand::Kind::kRootPath ? root_ : node, all_names)) {
    case Found::kYes:
      side.value = path.value();
      side.slot = path.slot();
      return Holds::kYes;
    case Found::kNo:
      return Holds::kNo;
    case Found::kFailed:
      failure_ = path.take_failure();
      has_place_ = false;
      return Holds::kFailed;
  }
  return Holds::kNo;
}

Evaluation::Holds Evaluation::comparison_holds(const Criterion& criterion,
                                               const json::Value& node) {
  Side left;
  Side right;
  Holds found = resolve(criterion.left, node, left, false);
  if (found == Holds::kYes) found = resolve(criterion.right, node, right, false);
  if (found != Holds::kYes) return found;
  const bool pattern = criterion.left.kind == Operand::Kind::kPattern ||
                       criterion.right.kind == Operand::Kind::kPattern;
  return pattern ? Holds::kNo : compare(criterion.op, left, right);
}

Evaluation::Holds Evaluation::compare(Criterion::Operator op, const Side& left, const Side& right) {
  const auto answer = [](bool holds) { return holds ? Holds::kYes : Holds::kNo; };
  const json::Value& l = left.value;
  const json::Value& r = right.value;
  const bool equality = op == Criterion::Operator::kEqual || op == Criterion::Operator::kNotEqual;
  if (!equality && l.is_null() != r.is_null()) return Holds::kNo;
  if (is_nullish(l) || is_nullish(r))
    return answer(fits(op, static_cast<int>(is_nullish(r)) - static_cast<int>(is_nullish(l))));
  if (r.is_string() && l.is_string()) {
    const std::string_view text =
        right.literal != nullptr ? std::string_view(right.literal->unescaped) : r.as_string();
    return answer(fits(op, json::compare_utf16(l.as_string(), text)));
  }
  if (l.is_number() && (r.is_number() || r.is_string())) return compare_numbers(op, left, right);
  if (l.is_bool() && (r.is_bool() || r.is_string()))
    return answer(fits(op, static_cast<int>(l.as_bool()) - static_cast<int>(is_true(r))));
  if (left.slot != nullptr && left.slot == right.slot) return answer(fits(op, 0));
  return Holds::kNo;
}

Evaluation::Holds Evaluation::compare_numbers(Criterion::Operator op, const Side& left,
                                              const Side& right) {
  const json::Value& r = right.value;
  std::optional<Decimal> number;
  if (right.literal == nullptr) {
    number = r.is_number() ? std::optional(Decimal::of(r)) : Decimal::read(r.as_string());
  }
  const std::optional<Decimal>& known = right.literal != nullptr ? right.literal->number : number;
  if (!known) {
    fail(Failure::Kind::kInvalid,
         fmt::format("'{}' is no number, but a filter of '{}' compares it with one.", r.as_string(),
                     steps_.text));
    return Holds::kFailed;
  }
  return fits(op, Decimal::of(left.value).compare(*known)) ? Holds::kYes : Holds::kNo;
}

Evaluation::Holds Evaluation::pattern_holds(const Criterion& criterion, const json::Value& node) {
  Side left;
  Side right;
  Holds found = resolve(criterion.left, node, left, false);
  if (found == Holds::kYes) found = resolve(criterion.right, node, right, false);
  if (found != Holds::kYes) return found;
  const bool on_right = criterion.right.kind == Operand::Kind::kPattern;
  if (!on_right && criterion.left.kind != Operand::Kind::kPattern) {
    fail(Failure::Kind::kInvalid,
         fmt::format("One side of =~ must be a regular expression (/.../ or /.../i) in '{}'.",
                     steps_.text));
    return Holds::kFailed;
  }
  const Side& other = on_right ? left : right;
  const Pattern& pattern = on_right ? *criterion.right.pattern : *criterion.left.pattern;
  if (other.value.is_null() || other.value.is_undefined()) return Holds::kNo;
  if (other.value.is_string()) return text_matches(pattern, other.value.as_string());
  std::string text;
  write_java_text(other.value, text);
  return text_matches(pattern, text);
}

Evaluation::Holds Evaluation::text_matches(const Pattern& pattern, std::string_view text) {
  if (!spend(1 + text.size() / 64)) return Holds::kFailed;
  Pattern::MatchResult outcome = pattern.matches(text, kEasyMatchSteps);
  if (outcome == Pattern::MatchResult::kLimit) {
    if (!spend(kHardMatchNodes)) return Holds::kFailed;
    outcome = pattern.matches(text, kMatchStepsMax);
  }
  if (outcome != Pattern::MatchResult::kLimit)
    return outcome == Pattern::MatchResult::kMatches ? Holds::kYes : Holds::kNo;
  fail(Failure::Kind::kLimit,
       fmt::format("A regular expression of '{}' takes more than {} steps (limit kMatchStepsMax).",
                   steps_.text, kMatchStepsMax));
  return Holds::kFailed;
}

}  // namespace weft::jsonpath
