// $keys $lookup $spread $merge
#include "json/build.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

void collect_keys(Context& context, const Value& value, json::KeySet& keys) {
  if (context.too_deep() || !context.spend()) return;
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) collect_keys(context, value.item(i), keys);
  } else if (value.is_object()) {
    const json::Shape& shape = *value.object_data()->shape;
    for (uint32_t i = 0; i < shape.count; ++i) keys.place(shape.keys[i]);
  }
}

Value keys_of(Context& context, const Arguments& a) {
  json::KeySet keys(context.arena);
  collect_keys(context, a[0], keys);
  const json::Shape* shape = json::Shape::make(keys.keys(), keys.size(), context.arena);
  const uint32_t* order = member_order(context, *shape);
  json::ArrayBuilder out(context.arena);
  out.reserve(keys.size());
  for (uint32_t i = 0; i < keys.size(); ++i)
    out.push(Value::string_ref(keys.key(order == nullptr ? i : order[i]).view()));
  return out.finish(Value::kSequence);
}

Value lookup_key(Context& context, const Arguments& a) {
  if (a[1].is_undefined()) return {};
  const std::string_view key = a[1].as_string();
  return lookup(context, a[0], key, json::hash_key(key));
}

void spread_into(Context& context, const Value& value, json::ArrayBuilder& out) {
  if (context.too_deep() || !context.spend()) return;
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) spread_into(context, value.item(i), out);
    return;
  }
  if (!value.is_object()) {
    out.push(value);
    return;
  }
  const json::Shape& shape = *value.object_data()->shape;
  const uint32_t* order = member_order(context, shape);
  for (uint32_t i = 0; i < shape.count; ++i) {
    if (!context.spend()) return;
    const uint32_t slot = order == nullptr ? i : order[i];
    json::ObjectBuilder object(context.arena);
    object.add_key(shape.keys[slot], value.member(slot));
    out.push(object.finish());
  }
}

Value spread(Context& context, const Arguments& a) {
  if (!a[0].is_container()) return a[0].is_function() ? Value::string_ref({}, true) : a[0];
  json::ArrayBuilder out(context.arena);
  spread_into(context, a[0], out);
  // What was joined from items is no sequence.
  return out.finish(a[0].is_array() && a[0].size() > 0 ? 0 : Value::kSequence);
}

Value merge(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[0].size() == 0) return json::ObjectBuilder(context.arena).finish();
  json::ObjectExtender out(a[0].item(0), context.arena);
  if (!context.spend(1 + a[0].item(0).size())) return {};
  for (size_t i = 1; i < a[0].size(); ++i) {
    const Value& object = a[0].item(i);
    if (!context.spend(1 + object.size())) return {};
    for (uint32_t m = 0; m < object.size(); ++m)
      out.add_key(object.object_data()->shape->keys[m], object.member(m));
  }
  return out.finish();
}

constexpr LibraryEntry kObjectEntries[] = {
    {"keys", "<x-:a<s>>", 1, keys_of},
    {"lookup", "<x-s:x>", 2, lookup_key},
    {"spread", "<x-:a<o>>", 1, spread},
    {"merge", "<a<o>:o>", 1, merge},
};

}  // namespace

std::span<const LibraryEntry> object_functions() { return kObjectEntries; }

}  // namespace weft::jsonata
