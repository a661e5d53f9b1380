// Literals, variables, blocks, conditions, constructors of arrays, ranges, filters.
#include <cmath>

#include "jsonata/errors.h"
#include "jsonata/function.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

Value run_literal(const Node& node, Context&, Frame*, Value) {
  return static_cast<const LiteralNode&>(node).value;
}

Value run_context_variable(const Node& node, Context&, Frame*, Value input) {
  if (input.is_array() && input.has_flag(Value::kOuterWrapper)) input = input.item(0);
  return finish_node(input, node);
}

Value run_variable(const Node& base, Context& context, Frame* frame, Value) {
  const auto& node = static_cast<const VariableNode&>(base);
  for (uint32_t i = 0; i < node.candidate_count; ++i) {
    const VariableSlot& at = node.candidates[i];
    const Value value = frame->up(at.hops)->slots()[at.slot];
    if (!value.is_unset()) return finish_node(value, node);
  }
  const Value value = context.globals[node.global];
  return value.is_unset() ? Value() : finish_node(value, node);
}

Value run_block(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BlockNode&>(base);
  if (node.layout != nullptr) frame = context.make_frame(frame, *node.layout);
  Value result;
  for (uint32_t i = 0; i < node.count; ++i) {
    result = evaluate_node(*node.items[i], context, frame, input);
    if (context.failed) return {};
  }
  return finish_node(result, node);
}

Value run_condition(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const ConditionNode&>(base);
  const Value condition = evaluate_node(*node.condition, context, frame, input);
  if (context.failed) return {};
  const bool holds = truth(context, condition);
  if (context.failed) return {};
  const Node* branch = holds ? node.then : node.otherwise;
  if (branch == nullptr) return {};
  return finish_node(evaluate_node(*branch, context, frame, input), node);
}

Value run_bind(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BindNode&>(base);
  const Value value = evaluate_node(*node.value, context, frame, input);
  if (context.failed) return {};
  frame->up(node.hops)->slots()[node.slot] = value;
  return finish_node(value, node);
}

Value run_array(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const ArrayNode&>(base);
  json::ArrayBuilder out(context.arena);
  out.reserve(node.count);
  for (uint32_t i = 0; i < node.count; ++i) {
    const Value value = evaluate_node(*node.items[i].node, context, frame, input);
    if (context.failed) return {};
    if (value.is_undefined()) continue;
    if (node.count == 1 && value.is_array() && !node.items[i].is_array) {
      // `[a..b]`, `[path]`: the one array is shared, without its flags.
      return value.with_flags(node.cons_array ? Value::kCons : 0);
    }
    if (value.is_array() && !node.items[i].is_array) {
      out.append(value.items(), value.size());
    } else {
      out.push(value);
    }
  }
  return out.finish(node.cons_array ? Value::kCons : 0);
}

namespace {

constexpr double kRangeMax = 1e7;

bool is_whole(const Value& value) {
  return value.is_number() && std::isfinite(value.as_double()) &&
         std::trunc(value.as_double()) == value.as_double();
}

}  // namespace

Value run_range(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const BinaryNode&>(base);
  const Value low = evaluate_node(*node.left, context, frame, input);
  if (context.failed) return {};
  const Value high = evaluate_node(*node.right, context, frame, input);
  if (context.failed) return {};
  const auto refuse = [&](std::string_view code, const Value& value) {
    context.fail_value(code, value, node.position);
    context.failure.has_token = true;
    context.failure.token = node.token;
    return Value();
  };
  if (!low.is_undefined() && !is_whole(low)) return refuse("T2003", low);
  if (!high.is_undefined() && !is_whole(high)) return refuse("T2004", high);
  if (low.is_undefined() || high.is_undefined() || low.as_double() > high.as_double()) return {};
  const double size = high.as_double() - low.as_double() + 1;
  if (context.dialect == Dialect::kAws &&
      !context.may_make(size < 1e9 ? static_cast<size_t>(size) * 8 : SIZE_MAX))
    return {};
  if (size > kRangeMax) return refuse("D2014", Value::number(size));
  const auto count = static_cast<size_t>(size);
  if (!context.arena.fits(count * sizeof(Value))) return context.fail_bound(kMemoryMessage);
  if (!context.spend(count / 16)) return {};
  auto* items = context.arena.allocate_array<Value>(count);
  for (size_t i = 0; i < count; ++i)
    items[i] = Value::number(low.as_double() + static_cast<double>(i));
  return finish_node(Value::array(items, count, Value::kSequence), node);
}

Value run_regex(const Node& base, Context& context, Frame*, Value) {
  const auto& node = static_cast<const RegexNode&>(base);
  auto* function = new (context.arena.allocate(sizeof(RegexFunction))) RegexFunction;
  function->kind = Function::Kind::kRegex;
  function->arity = 2;
  function->regex = node.regex;
  return Value::function(function);
}

Value run_filtered(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const FilteredNode&>(base);
  Value result = node.inner->run(*node.inner, context, frame, input);
  if (context.failed) return {};
  for (uint32_t i = 0; i < node.filter_count; ++i) {
    result = evaluate_filter(node.filters[i], context, frame, result);
    if (context.failed) return {};
  }
  if (node.group != nullptr) result = evaluate_group(*node.group, context, frame, result);
  return context.failed ? Value() : finish_node(result, node);
}

namespace {

Value pick(const Value* items, size_t count, int64_t index) {
  if (index < 0) index += static_cast<int64_t>(count);
  return index >= 0 && static_cast<size_t>(index) < count ? items[index] : Value();
}

// How often a filter's result keeps the item at `index`.
size_t times_kept(Context& context, const Value& result, size_t index, size_t count) {
  const Value* entries = nullptr;
  size_t entry_count = 0;
  if (result.is_number()) {
    if (!is_numeric(context, result)) return 0;
    entries = &result;
    entry_count = 1;
  } else if (result.is_array()) {
    for (size_t i = 0; i < result.size(); ++i) {
      if (!is_numeric(context, result.items()[i])) return truth(context, result) ? 1 : 0;
    }
    entries = result.items();
    entry_count = result.size();
  } else {
    return truth(context, result) ? 1 : 0;
  }
  size_t times = 0;
  for (size_t i = 0; i < entry_count; ++i) {
    double wanted = std::floor(entries[i].as_double());
    if (wanted < 0) wanted += static_cast<double>(count);
    if (wanted == static_cast<double>(index)) ++times;
  }
  return times;
}

}  // namespace

Value evaluate_filter(const Filter& filter, Context& context, Frame* frame, Value input) {
  const bool tuples = input.is_array() && input.has_flag(Value::kTupleStream);
  const uint8_t flags = Value::kSequence | (tuples ? Value::kTupleStream : 0);
  const Value single = input;
  const Value* items = input.is_array() ? input.items() : &single;
  const size_t count = input.is_array() ? input.size() : 1;
  if (filter.expression == nullptr) {
    const Value item = pick(items, count, filter.index);
    if (item.is_array()) return item;
    return item.is_undefined() ? Value::array(nullptr, 0, flags)
                               : make_array(context, &item, 1, flags);
  }
  json::ArrayBuilder out(context.arena);
  for (size_t i = 0; i < count; ++i) {
    if (!context.spend()) return {};
    const Value item = items[i];
    const Value at = tuples ? as_tuple(item).at : item;
    Frame* scope = tuples ? as_tuple(item).frame : frame;
    const Value result = evaluate_node(*filter.expression, context, scope, at);
    if (context.failed) return {};
    for (size_t n = times_kept(context, result, i, count); n > 0; --n) {
      // The reference keeps even a missing item that the filter lets through.
      if (!item.is_undefined() || context.dialect == Dialect::kReference) out.push(item);
    }
    if (context.failed) return {};
  }
  return out.finish(flags);
}

}  // namespace weft::jsonata
