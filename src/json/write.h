#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/value.h"

namespace weft::json {

// How much of a value is written, and who may work meanwhile. Values share their parts: one of a
// few kilobytes can have more text than any machine has memory.
struct WriteBounds {
  // A text that would be longer is cut somewhere beyond this many bytes: it is no JSON then.
  size_t bytes_max = SIZE_MAX;
  // Called every 64 KiB (the steady clock of an evaluation, in whose calls others go first); may be
  // null.
  int64_t (*clock)() = nullptr;
};

// Appends `value` as compact JSON, the bytes JSON.stringify gives: whole numbers of 64 bits by
// their digits, other numbers by JavaScript's rules, members in their order, undefined members left
// out (undefined items become null), functions "". Unlike JSON.stringify, and as in Step Functions,
// NaN and infinities become the texts "NaN", "Infinity" and "-Infinity". undefined itself appends
// nothing.
void write(const Value& value, std::string& out, const WriteBounds& bounds = {});

// The same as a string of its own.
std::string to_text(const Value& value, const WriteBounds& bounds = {});

// Indented by two spaces, "name": value.
void write_pretty(const Value& value, std::string& out);

// `text` in quotes with JSON escapes; lone surrogates become \udxxx.
void write_string(std::string_view text, std::string& out);

// A double as JSON.stringify prints it: shortest digits, plain below 1e21, `1e-7` from there down,
// -0 as 0, NaN and infinities as null.
void write_number(double number, std::string& out);

}  // namespace weft::json
