// Arithmetic, comparisons, equality, and, or, in, concatenation.
#include <cmath>

#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Both sides of a binary node. False after a failure.
inline bool both_sides(const BinaryNode& node, Context& context, Frame* frame, Value input,
                       Value& left, Value& right) {
  left = evaluate_node(*node.left, context, frame, input);
  if (context.failed) return false;
  right = evaluate_node(*node.right, context, frame, input);
  return !context.failed;
}

// An operator's own errors carry its token and position.
Value refuse(const BinaryNode& node, Context& context, std::string_view code, const Value& value) {
  context.fail_value(code, value, node.position);
  context.failure.position = node.position;
  context.failure.has_token = true;
  context.failure.token = node.token;
  return {};
}

// Whether the side is a number or undefined; the failure is set otherwise.
inline bool numeric_side(const BinaryNode& node, Context& context, const Value& value,
                         std::string_view code) {
  if (value.is_undefined() || (value.is_number() && std::isfinite(value.as_double()))) [[likely]]
    return true;
  if (value.is_number() && std::isinf(value.as_double())) {
    refuse(node, context, "D1001", value);
  } else {
    refuse(node, context, code, value);
  }
  return false;
}

template <typename Operation>
inline Value arithmetic(const Node& base, Context& context, Frame* frame, Value input,
                        Operation operation) {
  const auto& node = static_cast<const BinaryNode&>(base);
  Value left;
  Value right;
  if (!both_sides(node, context, frame, input, left, right)) return {};
  if (!numeric_side(node, context, left, "T2001") || !numeric_side(node, context, right, "T2002"))
    return {};
  if (left.is_undefined() || right.is_undefined()) return {};
  return Value::number(operation(left.as_double(), right.as_double()));
}

template <typename Test>
inline Value comparison(const Node& base, Context& context, Frame* frame, Value input, Test test) {
  const auto& node = static_cast<const BinaryNode&>(base);
  Value left;
  Value right;
  if (!both_sides(node, context, frame, input, left, right)) return {};
  if (left.is_number() && right.is_number()) [[likely]]
    return Value::boolean(test(left.as_double(), right.as_double()));
  const auto comparable = [](const Value& value) {
    return value.is_undefined() || value.is_number() || value.is_string();
  };
  if (!comparable(left) || !comparable(right)) {
    return refuse(node, context, "T2010", comparable(left) ? right : left);
  }
  if (left.is_undefined() || right.is_undefined()) return {};
  if (left.is_number() != right.is_number()) {
    refuse(node, context, "T2009", left);
    context.failure.value2 = right;
    return {};
  }
  return Value::boolean(test(compare_strings(left, right), 0));
}

// The truth of one side of and/or. Errors of the right side, and of either truth, carry the
// operator's token and position.
bool side_truth(const BinaryNode& node, Context& context, const Node& side, Frame* frame,
                Value input, bool left) {
  const Value value = evaluate_node(side, context, frame, input);
  if (context.failed && left) return false;
  const bool result = !context.failed && truth(context, value);
  if (context.failed) {
    context.failure.position = node.position;
    context.failure.has_token = true;
    context.failure.token = node.token;
  }
  return result;
}

// Text of an operand of &: undefined is empty.
bool append_operand(Context& context, const Value& value) {
  if (value.is_undefined() || value.is_function()) return true;
  if (value.is_string()) {
    context.scratch += value.as_string();
    return true;
  }
  if (value.is_number() && !std::isfinite(value.as_double())) {
    context.fail_value("D3001", value);
    return false;
  }
  return write_value(context, value, false, context.scratch);
}

}  // namespace

Value run_negate(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const UnaryNode&>(base);
  const Value value = evaluate_node(*node.operand, context, frame, input);
  if (context.failed || value.is_undefined()) return {};
  if (!value.is_number() || std::isnan(value.as_double())) {
    context.fail_value("D1002", value, node.position);
    context.failure.has_token = true;
    context.failure.token = "-";
    return {};
  }
  if (!is_numeric(context, value)) return {};
  return Value::number(-value.as_double());
}

Value run_add(const Node& node, Context& context, Frame* frame, Value input) {
  return arithmetic(node, context, frame, input, [](double a, double b) { return a + b; });
}
Value run_subtract(const Node& node, Context& context, Frame* frame, Value input) {
  return arithmetic(node, context, frame, input, [](double a, double b) { return a - b; });
}
Value run_multiply(const Node& node, Context& context, Frame* frame, Value input) {
  return arithmetic(node, context, frame, input, [](double a, double b) { return a * b; });
}
Value run_divide(const Node& node, Context& context, Frame* frame, Value input) {
  return arithmetic(node, context, frame, input, [](double a, double b) { return a / b; });
}
Value run_modulo(const Node& node, Context& context, Frame* frame, Value input) {
  return arithmetic(node, context, frame, input,
                    [](double a, double b) { return std::fmod(a, b); });
}

Value run_equal(const Node& base, Context& context, Frame* frame, Value input) {
  Value left;
  Value right;
  if (!both_sides(static_cast<const BinaryNode&>(base), context, frame, input, left, right))
    return {};
  if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
  return Value::boolean(deep_equal(context, left, right));
}

Value run_not_equal(const Node& base, Context& context, Frame* frame, Value input) {
  Value left;
  Value right;
  if (!both_sides(static_cast<const BinaryNode&>(base), context, frame, input, left, right))
    return {};
  if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
  return Value::boolean(!deep_equal(context, left, right));
}

Value run_less(const Node& node, Context& context, Frame* frame, Value input) {
  return comparison(node, context, frame, input, [](auto a, auto b) { return a < b; });
}
Value run_less_equal(const Node& node, Context& context, Frame* frame, Value input) {
  return comparison(node, context, frame, input, [](auto a, auto b) { return a <= b; });
}
Value run_greater(const Node& node, Context& context, Frame* frame, Value input) {
  return comparison(node, context, frame, input, [](auto a, auto b) { return a > b; });
}
Value run_greater_equal(const Node& node, Context& context, Frame* frame, Value input) {
  return comparison(node, context, frame, input, [](auto a, auto b) { return a >= b; });
}

Value run_in(const Node& base, Context& context, Frame* frame, Value input) {
  Value left;
  Value right;
  if (!both_sides(static_cast<const BinaryNode&>(base), context, frame, input, left, right))
    return {};
  if (left.is_undefined() || right.is_undefined()) return Value::boolean(false);
  if (!right.is_array()) return Value::boolean(left.same(right));
  for (size_t i = 0; i < right.size(); ++i) {
    if (right.items()[i].same(left)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value run_and(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BinaryNode&>(base);
  const bool left = side_truth(node, context, *node.left, frame, input, true);
  if (context.failed) return {};
  if (!left) return Value::boolean(false);
  const bool right = side_truth(node, context, *node.right, frame, input, false);
  return context.failed ? Value() : Value::boolean(right);
}

Value run_or(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BinaryNode&>(base);
  const bool left = side_truth(node, context, *node.left, frame, input, true);
  if (context.failed) return {};
  if (left) return Value::boolean(true);
  const bool right = side_truth(node, context, *node.right, frame, input, false);
  return context.failed ? Value() : Value::boolean(right);
}

Value run_concatenate(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BinaryNode&>(base);
  Value left;
  Value right;
  if (!both_sides(node, context, frame, input, left, right)) return {};
  if (left.is_string() && right.is_string()) {
    const std::string_view a = left.as_string();
    const std::string_view b = right.as_string();
    if (!context.may_make(a.size() + b.size())) return {};
    auto* chars = static_cast<char*>(context.arena.allocate(a.size() + b.size()));
    if (!a.empty()) std::memcpy(chars, a.data(), a.size());
    if (!b.empty()) std::memcpy(chars + a.size(), b.data(), b.size());
    return Value::string_ref({chars, a.size() + b.size()},
                             left.has_flag(Value::kAscii) && right.has_flag(Value::kAscii));
  }
  context.scratch.clear();
  if (!append_operand(context, left) || !append_operand(context, right)) {
    context.locate(node.position, node.token);
    return {};
  }
  return make_string(context, context.scratch);
}

}  // namespace weft::jsonata
