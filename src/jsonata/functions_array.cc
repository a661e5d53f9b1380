// $append $reverse $shuffle $sort $distinct $zip
#include "json/build.h"
#include "jsonata/errors.h"
#include "jsonata/library.h"
#include "jsonata/merge_sort.h"
#include "jsonata/random.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value append_values(Context& context, const Arguments& a) { return append(context, a[0], a[1]); }

Value reverse(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[0].size() <= 1) return a[0];
  json::ArrayBuilder out(context.arena);
  out.reserve(a[0].size());
  for (size_t i = a[0].size(); i-- > 0;) {
    if (!context.spend()) return {};
    out.push(a[0].item(i));
  }
  return out.finish();
}

Value shuffle(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[0].size() <= 1) return a[0];
  const Value copy = make_array(context, a[0].items(), a[0].size());
  auto* items = const_cast<Value*>(copy.items());
  if (context.arena.over_limit()) return context.fail_bound(kMemoryMessage);
  for (size_t i = copy.size() - 1; i > 0; --i) {
    if (!context.spend()) return {};
    std::swap(items[i], items[next_random(context) % (i + 1)]);
  }
  return copy;
}

bool all_of_kind(const Value& array, json::Kind kind) {
  for (size_t i = 0; i < array.size(); ++i) {
    if (array.item(i).kind() != kind) return false;
  }
  return true;
}

// Truth as the host language of the reference has it: empty arrays and objects are true.
bool host_truth(const Value& value) {
  switch (value.kind()) {
    case json::Kind::kBool:
      return value.as_bool();
    case json::Kind::kNumber:
      return value.as_double() != 0 && value.as_double() == value.as_double();
    case json::Kind::kString:
      return !value.as_string().empty();
    case json::Kind::kUndefined:
    case json::Kind::kNull:
      return false;
    default:
      return true;
  }
}

Value sort(Context& context, const Arguments& a) {
  const Value& array = a[0];
  if (array.is_undefined()) return {};
  if (array.size() <= 1) return array;
  const uint32_t* order = nullptr;
  const auto count = static_cast<uint32_t>(array.size());
  if (!a[1].is_undefined()) {
    order = merge_sort(context, count, [&](uint32_t left, uint32_t right) {
      const Value pair[] = {array.item(left), array.item(right)};
      const json::Arena::Mark mark = context.arena.mark();
      const Value result = apply(context, a[1], pair, 2, Value::null());
      if (context.failed) return false;
      const bool after = host_truth(result);
      context.arena.rewind(mark);
      return after;
    });
  } else if (all_of_kind(array, json::Kind::kNumber)) {
    order = merge_sort(context, count, [&](uint32_t left, uint32_t right) {
      return array.item(left).as_double() > array.item(right).as_double();
    });
  } else if (all_of_kind(array, json::Kind::kString)) {
    order = merge_sort(context, count, [&](uint32_t left, uint32_t right) {
      return compare_strings(array.item(left), array.item(right)) > 0;
    });
  } else {
    context.fail("D3070");
    context.failure.index = 1;
    return {};
  }
  if (context.failed) return {};
  json::ArrayBuilder out(context.arena);
  out.reserve(count);
  for (uint32_t i = 0; i < count; ++i) out.push(array.item(order[i]));
  return out.finish();
}

Value distinct(Context& context, const Arguments& a) {
  const Value& array = a[0];
  if (!array.is_array() || array.size() <= 1) return array;
  json::ArrayBuilder out(context.arena);
  for (size_t i = 0; i < array.size(); ++i) {
    if (!context.spend(1 + out.size() / 8)) return {};
    bool seen = false;
    for (size_t j = 0; j < out.size() && !seen; ++j)
      seen = deep_equal(context, out.items()[j], array.item(i));
    if (!seen) out.push(array.item(i));
  }
  return out.finish(array.flags() & Value::kSequence);
}

Value zip(Context& context, const Arguments& a) {
  size_t shortest = SIZE_MAX;
  for (size_t i = 0; i < a.count; ++i) shortest = std::min(shortest, a[i].size());
  json::ArrayBuilder out(context.arena);
  if (a.count == 0) return out.finish();
  for (size_t row = 0; row < shortest; ++row) {
    if (!context.spend(a.count)) return {};
    json::ArrayBuilder tuple(context.arena);
    tuple.reserve(a.count);
    for (size_t i = 0; i < a.count; ++i) tuple.push(a[i].item(row));
    out.push(tuple.finish());
  }
  return out.finish();
}

constexpr LibraryEntry kArrayEntries[] = {
    {"append", "<xx:a>", 2, append_values}, {"reverse", "<a:a>", 1, reverse},
    {"shuffle", "<a:a>", 1, shuffle},       {"sort", "<af?:a>", 2, sort},
    {"distinct", "<x:x>", 1, distinct},     {"zip", "<a+>", 0, zip},
};

}  // namespace

std::span<const LibraryEntry> array_functions() { return kArrayEntries; }

}  // namespace weft::jsonata
