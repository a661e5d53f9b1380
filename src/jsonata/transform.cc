// The transform operator: a clone of the argument changed at every match of a pattern.
#include "json/build.h"
#include "jsonata/callables.h"
#include "jsonata/function.h"
#include "jsonata/nodes.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Changes a freshly cloned object in place: nothing else refers to it yet.
json::Object* writable(const Value& object) {
  return const_cast<json::Object*>(object.object_data());
}

void set_members(Context& context, const Value& match, const Value& update) {
  json::ObjectBuilder out(context.arena);
  for (size_t i = 0; i < match.size(); ++i)
    out.add_key(match.object_data()->shape->keys[i], match.member(i));
  for (size_t i = 0; i < update.size(); ++i)
    out.add_key(update.object_data()->shape->keys[i], update.member(i));
  *writable(match) = *out.finish().object_data();
}

void remove_members(Context& context, const Value& match, const Value* names, size_t count) {
  json::ObjectBuilder out(context.arena);
  bool removed = false;
  for (size_t i = 0; i < match.size(); ++i) {
    bool keep = true;
    for (size_t n = 0; n < count && keep; ++n) keep = names[n].as_string() != match.key(i);
    removed = removed || !keep;
    if (keep) out.add_key(match.object_data()->shape->keys[i], match.member(i));
  }
  if (removed) *writable(match) = *out.finish().object_data();
}

bool apply_update(const TransformFunction& function, Context& context, const Value& match) {
  const TransformNode& node = *function.node;
  const Value update = evaluate_node(*node.update, context, function.frame, match);
  if (context.failed) return false;
  if (!update.is_undefined()) {
    if (!update.is_object()) {
      context.fail_value("T2011", update, node.update->position);
      return false;
    }
    if (match.is_object()) set_members(context, match, update);
  }
  if (node.removal == nullptr) return true;
  const Value removal = evaluate_node(*node.removal, context, function.frame, match);
  if (context.failed) return false;
  if (removal.is_undefined()) return true;
  const Value* names = removal.is_array() ? removal.items() : &removal;
  const size_t count = removal.is_array() ? removal.size() : 1;
  for (size_t i = 0; i < count; ++i) {
    if (names[i].is_string()) continue;
    context.fail_value("T2012", removal, node.removal->position);
    return false;
  }
  if (match.is_object()) remove_members(context, match, names, count);
  return true;
}

}  // namespace

Value clone_value(Context& context, const Value& value) {
  if (context.too_deep()) return {};
  if (value.is_array()) {
    json::ArrayBuilder out(context.arena);
    out.reserve(value.size());
    for (size_t i = 0; i < value.size(); ++i) out.push(clone_value(context, value.items()[i]));
    return out.finish();
  }
  if (value.is_object()) {
    auto* members = context.arena.allocate_array<Value>(value.size());
    for (size_t i = 0; i < value.size(); ++i) members[i] = clone_value(context, value.member(i));
    return Value::object(value.object_data()->shape, members, context.arena);
  }
  if (value.is_function()) return Value::string_ref("");
  if (value.is_number() && !value.is_exact_int() && !value.is_integral()) {
    // Through text, as the reference does: fractions are cut to 15 digits.
    context.scratch.clear();
    write_rounded_number(value, context.scratch);
    return Value::number(std::strtod(context.scratch.c_str(), nullptr));
  }
  context.spend();
  return value;
}

Value call_transform(Context& context, const TransformFunction& function, Value argument, Value) {
  if (argument.is_undefined()) return {};
  const TransformNode& node = *function.node;
  if (!argument.is_container()) {
    context.fail_value("T0410", argument);
    context.failure.index = 1;
    return {};
  }
  const Value cloner = node.clone->run(*node.clone, context, function.frame, Value());
  if (!cloner.is_function()) {
    context.fail("T2013", node.position);
    return {};
  }
  const Value clone = apply(context, cloner, &argument, 1, Value());
  if (context.failed) return {};
  const Value matches = evaluate_node(*node.pattern, context, function.frame, clone);
  if (context.failed || matches.is_undefined()) return clone;
  const Value* items = matches.is_array() ? matches.items() : &matches;
  const size_t count = matches.is_array() ? matches.size() : 1;
  for (size_t i = 0; i < count; ++i) {
    if (!apply_update(function, context, items[i])) return {};
  }
  return clone;
}

Value run_transform(const Node& base, Context& context, Frame* frame, Value input) {
  const auto& node = static_cast<const TransformNode&>(base);
  auto* function = new (context.arena.allocate(sizeof(TransformFunction))) TransformFunction;
  function->kind = Function::Kind::kTransform;
  function->arity = 1;
  function->node = &node;
  function->frame = frame;
  function->input = input;
  return Value::function(function);
}

}  // namespace weft::jsonata
