#pragma once

#include <cstdint>
#include <string_view>

#include "json/arena.h"

namespace weft::json {

enum class Kind : uint8_t { kUndefined, kNull, kBool, kInt, kDouble, kString, kArray, kObject, kFunction };

struct ArrayHeader;
struct ObjectHeader;
struct Shape;

// One JSON (or JSONata) value: 16 bytes, immutable, trivially copyable. Strings, arrays and objects point into an Arena (or
// into memory that outlives every user, such as a compiled program); a Value never owns anything. Values may be shared
// freely, also between threads, as long as the arena lives. See docs/internals and the JSONata design for why it is so.
class Value {
 public:
  Value();                                   // undefined
  static Value null();
  static Value boolean(bool value);
  static Value integer(int64_t value);       // exact 64-bit integer, prints its digits
  static Value number(double value);
  // `text` must outlive the value; use Arena-taking overload to copy.
  static Value string_ref(std::string_view text);
  static Value string(std::string_view text, Arena& arena);

  Kind kind() const;
  bool is_undefined() const;
  bool is_null() const;
  bool is_bool() const;
  bool is_number() const;                    // kInt or kDouble
  bool is_string() const;
  bool is_array() const;
  bool is_object() const;

  bool as_bool() const;
  double as_double() const;                  // of kInt or kDouble
  int64_t as_int() const;                    // of kInt; a kDouble is truncated
  bool is_integral() const;                  // kInt, or a kDouble without fraction that fits int64
  std::string_view as_string() const;        // UTF-8 (WTF-8 for lone surrogates)

  // Arrays and objects: number of items or members.
  uint32_t size() const;
  Value item(uint32_t index) const;
  std::string_view key(uint32_t index) const;
  Value member(uint32_t index) const;
  // The member named `name`, or undefined when this is no object or has none.
  Value find(std::string_view name) const;
};

}  // namespace weft::json
