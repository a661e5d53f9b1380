#include <algorithm>
#include <bit>
#include <unordered_map>

#include <fmt/format.h>

#include "json/build.h"
#include "json/equal.h"
#include "json/name_hash.h"
#include "jsonpath/arguments.h"
#include "jsonpath/functions.h"
#include "jsonpath/limits.h"

// States.Array, ArrayPartition, ArrayContains, ArrayRange, ArrayGetItem, ArrayLength, ArrayUnique.

namespace weft::jsonpath {

namespace {

uint64_t text_hash(std::string_view text) { return json::table_hash(text, json::hash_key(text)); }

// Equal values have equal hashes: members count in any order, numbers by value.
uint64_t value_hash(const json::Value& value, int depth) {
  if (value.is_string()) return text_hash(value.as_string());
  if (value.is_number()) {
    const double number = value.as_double();
    return json::folded_product(std::bit_cast<uint64_t>(number == 0 ? 0.0 : number),
                                json::name_seed.first);
  }
  if (value.is_bool()) return value.as_bool() ? 3 : 5;
  if (!value.is_container() || depth > kWalkDepthMax) return 7;
  uint64_t hash = value.size() * 2 + (value.is_array() ? 1 : 0);
  for (size_t i = 0; i < value.size(); ++i) {
    if (value.is_array()) {
      hash = json::folded_product(hash ^ json::name_seed.second,
                                  value_hash(value.item(i), depth + 1) | 1);
    } else {
      hash += json::folded_product(text_hash(value.key(i)) ^ json::name_seed.second,
                                   value_hash(value.member(i), depth + 1) | 1);
    }
  }
  return hash;
}

}  // namespace

FunctionResult run_array(CallContext& context, std::span<const json::Value> arguments) {
  json::ArrayBuilder items(context.arena);
  items.append(arguments.data(), arguments.size());
  return items.finish();
}

FunctionResult run_array_partition(CallContext& context, std::span<const json::Value> arguments) {
  const auto array = array_argument(arguments, 0);
  if (!array) return Refusal(array.error());
  const auto size = integer_argument(arguments, 1);
  if (!size) return Refusal(size.error());
  if (*size <= 0) return refuse(1, "a whole number above zero", arguments[1]);
  const auto chunk = static_cast<size_t>(*size);
  json::ArrayBuilder chunks(context.arena);
  for (size_t at = 0; at < array->size(); at += chunk)
    chunks.push(json::Value::array(array->items() + at, std::min(chunk, array->size() - at)));
  return chunks.finish();
}

FunctionResult run_array_contains(CallContext&, std::span<const json::Value> arguments) {
  const auto array = array_argument(arguments, 0);
  if (!array) return Refusal(array.error());
  for (size_t i = 0; i < array->size(); ++i) {
    if (json::equal(array->item(i), arguments[1])) return json::Value::boolean(true);
  }
  return json::Value::boolean(false);
}

FunctionResult run_array_range(CallContext& context, std::span<const json::Value> arguments) {
  const auto first = integer_argument(arguments, 0);
  if (!first) return Refusal(first.error());
  const auto last = integer_argument(arguments, 1);
  if (!last) return Refusal(last.error());
  const auto step = integer_argument(arguments, 2);
  if (!step) return Refusal(step.error());
  if (*step == 0) return refuse(2, "a whole number other than zero", arguments[2]);
  const int64_t distance = *last - *first;
  const int64_t count = (distance < 0) == (*step < 0) || distance == 0 ? distance / *step + 1 : 0;
  if (count > kRangeItemsMax) {
    return Refusal(
        fmt::format("The range from {} to {} by {} has {} elements; at most {} are allowed", *first,
                    *last, *step, count, kRangeItemsMax));
  }
  json::ArrayBuilder items(context.arena);
  for (int64_t i = 0; i < count; ++i) items.push(json::Value::integer(*first + i * *step));
  return items.finish();
}

FunctionResult run_array_get_item(CallContext&, std::span<const json::Value> arguments) {
  const auto array = array_argument(arguments, 0);
  if (!array) return Refusal(array.error());
  const auto index = integer_argument(arguments, 1);
  if (!index) return Refusal(index.error());
  if (*index < 0 || *index >= static_cast<int64_t>(array->size())) {
    return Refusal(fmt::format("The index {} is outside of the array, which has {} elements",
                               *index, array->size()));
  }
  return array->item(static_cast<size_t>(*index));
}

FunctionResult run_array_length(CallContext&, std::span<const json::Value> arguments) {
  const auto array = array_argument(arguments, 0);
  if (!array) return Refusal(array.error());
  return json::Value::integer(static_cast<int64_t>(array->size()));
}

FunctionResult run_array_unique(CallContext& context, std::span<const json::Value> arguments) {
  const auto array = array_argument(arguments, 0);
  if (!array) return Refusal(array.error());
  std::unordered_multimap<uint64_t, const json::Value*> seen;
  json::ArrayBuilder items(context.arena);
  for (size_t i = 0; i < array->size(); ++i) {
    const json::Value& item = array->item(i);
    const auto [first, last] = seen.equal_range(value_hash(item, 0));
    const bool known = std::any_of(
        first, last, [&item](const auto& entry) { return json::equal(*entry.second, item); });
    if (known) continue;
    seen.emplace(value_hash(item, 0), &item);
    items.push(item);
  }
  return items.finish();
}

}  // namespace weft::jsonpath
