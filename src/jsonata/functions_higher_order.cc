// $map $filter $single $reduce $each $sift
#include "json/build.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value index_value(size_t i) { return Value::number(static_cast<double>(i)); }

Value map(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  json::ArrayBuilder out(context.arena);
  out.reserve(a[0].size());
  for (size_t i = 0; i < a[0].size(); ++i) {
    const Value arguments[] = {a[0].item(i), index_value(i), a[0]};
    const Value result = apply_frugally(context, a[1], arguments, 3);
    if (context.failed) return {};
    if (!result.is_undefined()) out.push(result);
  }
  return out.finish(Value::kSequence);
}

Value filter(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  json::ArrayBuilder out(context.arena);
  for (size_t i = 0; i < a[0].size(); ++i) {
    const Value arguments[] = {a[0].item(i), index_value(i), a[0]};
    const bool keep = truth(context, apply_frugally(context, a[1], arguments, 3));
    if (context.failed) return {};
    if (keep) out.push(a[0].item(i));
  }
  return out.finish(Value::kSequence);
}

Value single(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  bool found = false;
  Value result;
  for (size_t i = 0; i < a[0].size(); ++i) {
    bool matches = true;
    if (!a[1].is_undefined()) {
      const Value arguments[] = {a[0].item(i), index_value(i), a[0]};
      matches = truth(context, apply_frugally(context, a[1], arguments, 3));
      if (context.failed) return {};
    }
    if (!matches) continue;
    if (found) {
      context.fail("D3138");
      context.failure.index = i;
      return {};
    }
    found = true;
    result = a[0].item(i);
  }
  return found ? result : context.fail("D3139");
}

Value reduce(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (as_function(a[1]).arity < 2) {
    context.fail("D3050");
    context.failure.index = 1;
    return {};
  }
  size_t i = 0;
  Value result = a[2];
  if (result.is_undefined()) {
    if (a[0].size() == 0) return {};
    result = a[0].item(i++);
  }
  for (; i < a[0].size(); ++i) {
    const Value arguments[] = {result, a[0].item(i), index_value(i), a[0]};
    result = apply_frugally(context, a[1], arguments, 4);
    if (context.failed) return {};
  }
  return result;
}

// Calls `visit(key, value, result)` with the function's result for every member of an object.
template <typename Visit>
bool for_each_member(Context& context, const Value& object, const Value& function, Visit visit) {
  const json::Shape& shape = *object.object_data()->shape;
  const uint32_t* order = member_order(context, shape);
  for (uint32_t i = 0; i < shape.count; ++i) {
    const uint32_t slot = order == nullptr ? i : order[i];
    const Value arguments[] = {object.member(slot), Value::string_ref(shape.keys[slot].view()),
                               object};
    const Value result = apply_frugally(context, function, arguments, 3);
    if (context.failed) return false;
    visit(shape.keys[slot], arguments[0], result);
  }
  return true;
}

Value each(Context& context, const Arguments& a) {
  if (!a[0].is_object()) return {};
  json::ArrayBuilder out(context.arena);
  const bool good = for_each_member(context, a[0], a[1],
                                    [&](const json::Key&, const Value&, const Value& result) {
                                      if (!result.is_undefined()) out.push(result);
                                    });
  return good ? out.finish(Value::kSequence) : Value();
}

Value sift(Context& context, const Arguments& a) {
  if (!a[0].is_object()) return {};
  if (!a[1].is_function()) return a[0].size() == 0 ? Value() : context.fail("T1006");
  json::ObjectBuilder out(context.arena);
  const bool good = for_each_member(
      context, a[0], a[1], [&](const json::Key& key, const Value& value, const Value& result) {
        if (truth(context, result)) out.add_key(key, value);
      });
  return good && out.size() > 0 && !context.failed ? out.finish() : Value();
}

constexpr LibraryEntry kHigherOrderEntries[] = {
    {"map", "<af>", 2, map},        {"filter", "<af>", 2, filter},
    {"single", "<af?>", 2, single}, {"reduce", "<afj?:j>", 3, reduce},
    {"each", "<o-f:a>", 2, each},   {"sift", "<o-f?:o>", 2, sift},
};

}  // namespace

std::span<const LibraryEntry> higher_order_functions() { return kHigherOrderEntries; }

}  // namespace weft::jsonata
