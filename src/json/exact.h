#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "json/arena.h"
#include "json/value.h"
#include "json/write.h"

// JSON with the numbers of Java's readers and writers, which states in JSONPath show: whole numbers
// of any size keep their digits, and 1.0 stays 1.0.

namespace weft::json {

// Like parse(), but whole numbers beyond 64 bits are long integers and -0 is 0.
base::Result<Value> parse_exact(std::string_view text, Arena& arena);

// Like write(), but long integers by their digits and other numbers that are no whole numbers read
// from a text by Java's rules.
void write_exact(const Value& value, std::string& out, const WriteBounds& bounds = {});
std::string to_exact_text(const Value& value, const WriteBounds& bounds = {});
void write_exact_pretty(const Value& value, std::string& out);

// A double as Java prints it: shortest digits with at least one after the point, plain from 1.0E-3
// up to 1.0E7, `1.5E10` beyond.
void write_java_number(double number, std::string& out);

// A whole number beyond 64 bits: a double (the nearest) that remembers `digits`, which are copied
// into the arena with their sign. Whoever knows nothing of it sees the double.
Value long_integer(std::string_view digits, Arena& arena);
// The digits of a long integer; empty for every other value.
std::string_view long_integer_digits(const Value& value);

}  // namespace weft::json
