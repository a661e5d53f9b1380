// The transform operator: a clone of the argument changed at every match of a pattern.
#include <algorithm>

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
  const json::Object& old = *match.object_data();
  const json::Object& given = *update.object_data();
  const uint32_t most = old.shape->count + given.shape->count;
  auto* keys = context.arena.allocate_array<json::Key>(most);
  auto* members = context.arena.allocate_array<Value>(most);
  std::copy_n(old.shape->keys, old.shape->count, keys);
  std::copy_n(old.members, old.shape->count, members);
  uint32_t count = old.shape->count;
  for (uint32_t i = 0; i < given.shape->count; ++i) {
    const json::Key& key = given.shape->keys[i];
    uint32_t slot = old.shape->find(key.view(), key.hash);
    if (slot == json::Shape::kNone) keys[slot = count++] = key;
    members[slot] = given.members[i];
  }
  const json::Shape* shape =
      count == old.shape->count ? old.shape : json::Shape::make(keys, count, context.arena);
  *writable(match) = json::Object{shape, members};
}

void remove_members(Context& context, const Value& match, const Value* names, size_t name_count) {
  const json::Object& old = *match.object_data();
  const auto is_named = [&](std::string_view key) {
    return std::any_of(names, names + name_count,
                       [&](const Value& name) { return name.as_string() == key; });
  };
  auto* keys = context.arena.allocate_array<json::Key>(old.shape->count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < old.shape->count; ++i) {
    if (is_named(old.shape->keys[i].view())) continue;
    keys[count] = old.shape->keys[i];
    old.members[count++] = old.members[i];
  }
  if (count == old.shape->count) return;
  *writable(match) = json::Object{json::Shape::make(keys, count, context.arena), old.members};
}

// Changes one match. Only what was made since `start` may be changed: a pattern can also reach the
// caller's own values.
bool apply_update(const TransformFunction& function, Context& context,
                  const json::Arena::Mark& start, const Value& match) {
  const TransformNode& node = *function.node;
  const bool may_change = match.is_object() && context.arena.is_since(start, match.object_data());
  const Value update = evaluate_node(*node.update, context, function.frame, match);
  if (context.failed) return false;
  if (!update.is_undefined()) {
    if (!update.is_object()) {
      context.fail_value("T2011", update, node.update->position);
      return false;
    }
    if (may_change) set_members(context, match, update);
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
  if (may_change) remove_members(context, match, names, count);
  return true;
}

}  // namespace

Value clone_value(Context& context, const Value& value) {
  if (!context.spend() || context.too_deep()) return {};
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
    // As through text, which is how the reference clones: fractions are cut to 15 digits.
    return Value::number(cut_to_15_digits(value.as_double()));
  }
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
  const json::Arena::Mark start = context.arena.mark();
  Value clone = apply(context, cloner, &argument, 1, Value::null());
  if (context.failed) return {};
  if (!context.arena.is_since(start, clone.is_object()
                                         ? static_cast<const void*>(clone.object_data())
                                         : clone.items())) {
    // An expression's own $clone that copies nothing.
    clone = clone_value(context, clone);
  }
  const Value matches = evaluate_node(*node.pattern, context, function.frame, clone);
  if (context.failed || matches.is_undefined()) return clone;
  const Value* items = matches.is_array() ? matches.items() : &matches;
  const size_t count = matches.is_array() ? matches.size() : 1;
  for (size_t i = 0; i < count; ++i) {
    if (!apply_update(function, context, start, items[i])) return {};
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
