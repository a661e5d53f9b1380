// Calls: lambdas, library functions, partial application, composition, tail calls.
#include "jsonata/callables.h"
#include "jsonata/errors.h"
#include "jsonata/function.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

constexpr size_t kInlineArguments = 8;

// Room for a call's arguments: on the stack while few. Left uninitialised, as every entry is
// written before it is read.
template <size_t kCount>
class Room {
 public:
  Room(Context& context, size_t count)
      : values_(count <= kCount ? reinterpret_cast<Value*>(bytes_)
                                : context.arena.allocate_array<Value>(count)) {}
  Value* values() { return values_; }

 private:
  alignas(Value) std::byte bytes_[kCount * sizeof(Value)];
  Value* values_;
};
using ArgumentRoom = Room<kInlineArguments>;
using CheckedRoom = Room<kInlineArguments + Signature::kMaxParameters>;

Value call_native(Context& context, const NativeFunction& function, const Value* arguments,
                  size_t count, Value input, Frame* frame) {
  if (function.signature == nullptr)
    return function.implementation(context, Arguments{arguments, count, input, frame});
  CheckedRoom room(context, count + Signature::kMaxParameters);
  const size_t made = function.signature->validate(context, arguments, count, input, room.values());
  if (context.failed) return {};
  return function.implementation(context, Arguments{room.values(), made, input, frame});
}

Value enter_lambda(Context& context, const LambdaFunction& function, const Value* arguments,
                   size_t count) {
  const LambdaNode& node = *function.node;
  Frame* frame = context.make_frame(function.frame, *node.layout);
  Value* slots = frame->slots();
  for (uint32_t i = 0; i < node.parameter_count; ++i)
    slots[node.parameter_slots[i]] = i < count ? arguments[i] : Value();
  return evaluate_node(*node.body, context, frame, function.input);
}

Value call_lambda(Context& context, const LambdaFunction& function, const Value* arguments,
                  size_t count, Value input) {
  if (context.too_deep()) return {};
  const Signature* signature = function.node->signature;
  if (signature == nullptr) return enter_lambda(context, function, arguments, count);
  CheckedRoom room(context, count + Signature::kMaxParameters);
  count = signature->validate(context, arguments, count, input, room.values());
  return context.failed ? Value() : enter_lambda(context, function, room.values(), count);
}

Value call_partial(Context& context, const PartialFunction& function, const Value* arguments,
                   size_t count, Value input) {
  ArgumentRoom room(context, function.count + count);
  Value* all = room.values();
  size_t next = 0;
  for (uint32_t i = 0; i < function.count; ++i) {
    const Value& given = function.arguments[i];
    all[i] = given.is_unset() ? (next < count ? arguments[next] : Value()) : given;
    if (given.is_unset()) ++next;
  }
  return apply(context, function.target, all, function.count, input);
}

// One call without the loop over tail calls.
Value call_once(Context& context, Value callee, const Value* arguments, size_t count, Value input,
                Frame* frame) {
  if (!context.spend(4)) return {};
  if (context.arena.over_limit()) [[unlikely]]
    return context.fail_bound(kMemoryMessage);
  if (!callee.is_function()) return context.fail("T1006");
  const Function& function = as_function(callee);
  switch (function.kind) {
    case Function::Kind::kNative:
      return call_native(context, static_cast<const NativeFunction&>(function), arguments, count,
                         input, frame);
    case Function::Kind::kLambda:
      return call_lambda(context, static_cast<const LambdaFunction&>(function), arguments, count,
                         input);
    case Function::Kind::kComposed: {
      const auto& composed = static_cast<const ComposedFunction&>(function);
      // The reference composes by an expression of its own, `function($f, $g) { function($x){
      // $g($f($x)) } }`, and errors tell places in it.
      const Value first =
          apply(context, composed.first, arguments, count < 1 ? count : 1, Value::null(), 39, "f");
      if (context.failed) return {};
      return apply(context, composed.second, &first, 1, Value::null(), 35, "g");
    }
    case Function::Kind::kPartial:
      return call_partial(context, static_cast<const PartialFunction&>(function), arguments, count,
                          input);
    case Function::Kind::kRegex:
      return call_regex(context, static_cast<const RegexFunction&>(function), arguments, count);
    case Function::Kind::kRegexNext:
      return call_regex_next(context, static_cast<const RegexNextFunction&>(function));
    case Function::Kind::kTransform:
      return call_transform(context, static_cast<const TransformFunction&>(function),
                            count > 0 ? arguments[0] : Value(), input);
  }
  return {};
}

// An error inside a call: the token is the callee's unless one is set, the position the call's.
void locate_call(Context& context, size_t position, std::string_view token) {
  if (!context.failure.has_token && !token.empty()) {
    context.failure.has_token = true;
    context.failure.token = token;
  }
  if (position != 0) context.failure.position = position;
}

bool is_scalar(const Value& value) {
  return !value.is_container() && !value.is_string() && !value.is_function();
}

Value apply_in(Context& context, Value callee, const Value* arguments, size_t count, Value input,
               Frame* caller, size_t position, std::string_view token) {
  const json::Arena::Mark start = context.arena.mark();
  const Value first_callee = callee;
  Value result = call_once(context, callee, arguments, count, input, caller);
  if (context.tail_call == nullptr) {
    if (context.failed) locate_call(context, position, token);
    return result;
  }
  ArgumentRoom inline_room(context, 0);
  while (!context.failed && context.tail_call != nullptr) {
    const CallNode& call = *context.tail_call;
    Frame* frame = context.tail_frame;
    const Value at = context.tail_input;
    context.tail_call = nullptr;
    callee = evaluate_node(*call.procedure, context, frame, at);
    bool scalars = callee.same(first_callee);
    Value* values = call.count <= kInlineArguments
                        ? inline_room.values()
                        : context.arena.allocate_array<Value>(call.count);
    for (uint32_t i = 0; i < call.count && !context.failed; ++i) {
      values[i] = evaluate_node(*call.arguments[i], context, frame, at);
      scalars = scalars && is_scalar(values[i]);
    }
    if (context.failed) break;
    // Nothing of the finished call is needed any more: an endless loop runs in constant memory.
    if (scalars && call.count <= kInlineArguments) context.arena.rewind(start);
    result = call_once(context, callee, values, call.count, input, caller);
    if (context.failed)
      locate_call(context, call.procedure->position,
                  call.callee_is_variable ? call.token : std::string_view());
  }
  context.tail_call = nullptr;
  if (context.failed) context.locate(position, token);
  return context.failed ? Value() : result;
}

uint32_t arity_of(const Value& function) {
  return function.is_function() ? as_function(function).arity : 1;
}

bool refuse_callee(Context& context, const CallNode& call, bool partial) {
  const std::string_view code =
      call.suggestion.empty() ? (partial ? "T1008" : "T1006") : (partial ? "T1007" : "T1005");
  context.fail(code, call.position, call.suggestion.empty() ? call.token : call.suggestion);
  return false;
}

}  // namespace

Value apply(Context& context, Value callee, const Value* arguments, size_t count, Value input,
            size_t position, std::string_view token) {
  return apply_in(context, callee, arguments, count, input, nullptr, position, token);
}

Value apply_each(Context& context, Value function, const Value* arguments, size_t count) {
  const size_t wanted = std::max<size_t>(1, arity_of(function));
  return apply(context, function, arguments, std::min(count, wanted), Value::null());
}

Value apply_frugally(Context& context, Value function, const Value* arguments, size_t count) {
  const json::Arena::Mark mark = context.arena.mark();
  const Value result = apply_each(context, function, arguments, count);
  if (is_scalar(result) && !context.failed) context.arena.rewind(mark);
  return result;
}

Value run_lambda(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const LambdaNode&>(base);
  auto* function = new (context.arena.allocate(sizeof(LambdaFunction))) LambdaFunction;
  function->kind = Function::Kind::kLambda;
  function->arity = node.parameter_count;
  function->node = &node;
  function->frame = frame;
  function->input = input;
  return Value::function(function);
}

Value evaluate_call(const CallNode& call, Context& context, Frame* frame, Value input,
                    Value first) {
  const size_t lead = first.is_unset() ? 0 : 1;
  Value callee;
  if (call.native != nullptr && context.globals[call.library->global].function_data() ==
                                    static_cast<const Function*>(call.native)) {
    callee = context.globals[call.library->global];
  } else {
    callee = evaluate_node(*call.procedure, context, frame, input);
    if (context.failed) return {};
    if (callee.is_undefined() && !call.suggestion.empty()) {
      refuse_callee(context, call, false);
      return {};
    }
  }
  ArgumentRoom room(context, call.count + lead);
  Value* values = room.values();
  if (lead > 0) values[0] = first;
  for (uint32_t i = 0; i < call.count; ++i) {
    values[i + lead] = evaluate_node(*call.arguments[i], context, frame, input);
    if (context.failed) return {};
  }
  const Value result =
      apply_in(context, callee, values, call.count + lead, input, frame, call.position, call.token);
  return context.failed ? Value() : result;
}

Value run_call(const Node& base, Context& context, Frame* frame, Value input) {
  return finish_node(
      evaluate_call(static_cast<const CallNode&>(base), context, frame, input, Value::unset()),
      base);
}

Value run_tail_call(const Node& base, Context& context, Frame* frame, Value input) {
  context.tail_call = static_cast<const CallNode*>(&base);
  context.tail_frame = frame;
  context.tail_input = input;
  return {};
}

Value run_partial(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const PartialNode&>(base);
  auto* values = context.arena.allocate_array<Value>(node.count);
  uint32_t open = 0;
  for (uint32_t i = 0; i < node.count; ++i) {
    if (node.arguments[i] == nullptr) {
      values[i] = Value::unset();
      ++open;
      continue;
    }
    values[i] = evaluate_node(*node.arguments[i], context, frame, input);
    if (context.failed) return {};
  }
  const Value callee = evaluate_node(*node.procedure, context, frame, input);
  if (context.failed) return {};
  if (!callee.is_function()) {
    refuse_callee(context, node, true);
    return {};
  }
  auto* function = new (context.arena.allocate(sizeof(PartialFunction))) PartialFunction;
  function->kind = Function::Kind::kPartial;
  function->arity = open;
  function->target = callee;
  function->arguments = values;
  function->count = node.count;
  return Value::function(function);
}

Value run_apply(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const ApplyNode&>(base);
  const Value left = evaluate_node(*node.left, context, frame, input);
  if (context.failed) return {};
  if (node.call != nullptr) {
    return finish_node(evaluate_call(*node.call, context, frame, input, left), node);
  }
  const Value function = evaluate_node(*node.right, context, frame, input);
  if (context.failed) return {};
  if (!function.is_function()) {
    context.fail_value("T2006", function, node.position);
    return {};
  }
  if (!left.is_function()) {
    return finish_node(apply_in(context, function, &left, 1, Value::null(), frame, 0, {}), node);
  }
  auto* composed = new (context.arena.allocate(sizeof(ComposedFunction))) ComposedFunction;
  composed->kind = Function::Kind::kComposed;
  composed->arity = 1;
  composed->first = left;
  composed->second = function;
  return Value::function(composed);
}

}  // namespace weft::jsonata
