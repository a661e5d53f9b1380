#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/build.h"
#include "json/value.h"
#include "jsonata/context.h"

namespace weft::jsonata {

// $boolean of a value; undefined counts as false. An infinity is an error (D1001).
bool truth(Context& context, const Value& value);

// A number that is not NaN. An infinity is an error (D1001).
inline bool is_numeric(Context& context, const Value& value) {
  if (!value.is_number()) return false;
  const double number = value.as_double();
  if (std::isinf(number)) [[unlikely]] {
    context.fail_value("D1001", value);
    return false;
  }
  return !std::isnan(number);
}

// The member `key` of an object, of every item of an array (one sequence, nested arrays included),
// of anything else nothing.
Value lookup(Context& context, const Value& value, std::string_view key, uint32_t hash);

// $append: concatenation without flags; one undefined gives the other side as it is.
Value append(Context& context, const Value& left, const Value& right);

// Deep equality, within the context's bounds.
bool deep_equal(Context& context, const Value& left, const Value& right);

// Order of strings by UTF-16 code units.
int compare_strings(const Value& left, const Value& right);

// The slots of a shape in JavaScript's order of members: array indices ascending, then the rest as
// inserted. nullptr when that is the order of the slots.
const uint32_t* member_order(Context& context, const json::Shape& shape);

// Appends `value` as $string writes it (numbers cut to 15 digits where not whole). False on failure
// (D3001 is the caller's).
bool write_value(Context& context, const Value& value, bool pretty, std::string& out);
// The number that 15 significant digits of `number` give.
double cut_to_15_digits(double number);
// The text of a number as $string writes it.
void write_rounded_number(const Value& value, std::string& out);

// A copy of `text` as a string value, within the bounds.
Value make_string(Context& context, std::string_view text);

// An array with the values given, in the arena.
inline Value make_array(Context& context, const Value* values, size_t count, uint8_t flags = 0) {
  json::ArrayBuilder builder(context.arena);
  builder.append(values, count);
  return builder.finish(flags);
}

// The kind of a value for $type and type tests.
std::string_view type_name(const Value& value);

}  // namespace weft::jsonata
