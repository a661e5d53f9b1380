#pragma once

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/arena.h"
#include "json/shape.h"

namespace weft::json {

enum class Kind : uint8_t {
  kUndefined,
  kNull,
  kBool,
  kNumber,
  kString,
  kArray,
  kObject,
  kFunction
};

class Value;

// What an object value points at. The pointers may be changed only by the code that just made the
// object.
struct Object {
  const Shape* shape;
  Value* members;
};

// A JSON value, or undefined (nothing), or a function of the expression language: 16 bytes, copied
// freely, owning nothing. Strings, arrays and objects live in an Arena (or in text that outlives
// the value) and are immutable once built, so values share them. Reading from several threads at
// once is fine.
//
// Numbers come in two forms: whole numbers of 64 bits read from text keep every digit; all others
// are doubles.
class Value {
 public:
  // Bits of flags(). Those of arrays are the expression language's bookkeeping and mean nothing in
  // JSON.
  static constexpr uint8_t kAscii = 1;  // string: bytes = characters
  static constexpr uint8_t kSequence =
      1;  // array: result of a path, unwrapped when it holds one item
  static constexpr uint8_t kKeepSingleton = 2;  // array: not unwrapped
  static constexpr uint8_t kCons = 4;  // array: made by a constructor, not flattened by a path
  static constexpr uint8_t kOuterWrapper = 8;  // array: wraps a top-level array input
  static constexpr uint8_t kTupleStream = 16;  // array: items are tuples

  constexpr Value() : tag_(Tag::kUndefined), int_(0) {}
  static constexpr Value null() { return Value(Tag::kNull, 0); }
  static constexpr Value boolean(bool value) { return Value(value ? Tag::kTrue : Tag::kFalse, 0); }
  static constexpr Value integer(int64_t value) { return Value(Tag::kInt, value); }
  static constexpr Value number(double value) {
    Value result(Tag::kDouble, 0);
    result.double_ = value;
    return result;
  }
  // Refers to `text`, which must outlive the value. UTF-8; a lone surrogate is kept as its
  // three-byte form (WTF-8).
  static Value string_ref(std::string_view text) { return string_ref(text, is_ascii(text)); }
  static Value string_ref(std::string_view text, bool ascii) {
    Value result(Tag::kString, 0);
    result.flags_ = ascii ? kAscii : 0;
    result.size_ = static_cast<uint32_t>(text.size());
    result.chars_ = text.data();
    return result;
  }
  // Copies `text` into the arena.
  static Value string(std::string_view text, Arena& arena) { return string_ref(arena.copy(text)); }
  // Refers to `count` items that live in an arena.
  static Value array(const Value* items, size_t count, uint8_t flags = 0) {
    Value result(Tag::kArray, 0);
    result.flags_ = flags;
    result.size_ = static_cast<uint32_t>(count);
    result.items_ = items;
    return result;
  }
  static Value object(const Object* object) {
    Value result(Tag::kObject, 0);
    result.object_ = object;
    return result;
  }
  // An object of `shape` over `members` (one each name of the shape, all in the arena).
  static Value object(const Shape* shape, Value* members, Arena& arena) {
    return object(new (arena.allocate(sizeof(Object))) Object{shape, members});
  }
  static Value function(const void* function) {
    Value result(Tag::kFunction, 0);
    result.pointer_ = function;
    return result;
  }

  Kind kind() const {
    static constexpr Kind kKinds[] = {Kind::kUndefined, Kind::kNull,     Kind::kBool,
                                      Kind::kBool,      Kind::kNumber,   Kind::kNumber,
                                      Kind::kString,    Kind::kArray,    Kind::kObject,
                                      Kind::kFunction,  Kind::kUndefined};
    return kKinds[static_cast<uint8_t>(tag_)];
  }
  bool is_undefined() const { return tag_ == Tag::kUndefined; }
  bool is_null() const { return tag_ == Tag::kNull; }
  bool is_bool() const { return tag_ == Tag::kTrue || tag_ == Tag::kFalse; }
  bool is_number() const { return tag_ == Tag::kDouble || tag_ == Tag::kInt; }
  // A whole number of 64 bits that came from text (its digits are exact).
  bool is_exact_int() const { return tag_ == Tag::kInt; }
  bool is_string() const { return tag_ == Tag::kString; }
  bool is_array() const { return tag_ == Tag::kArray; }
  bool is_object() const { return tag_ == Tag::kObject; }
  bool is_function() const { return tag_ == Tag::kFunction; }
  // An array or an object.
  bool is_container() const { return tag_ == Tag::kArray || tag_ == Tag::kObject; }

  bool as_bool() const { return tag_ == Tag::kTrue; }
  // The number as a double (rounded when it is a whole number beyond 2^53). Zero for other kinds.
  double as_double() const {
    if (tag_ == Tag::kDouble) return double_;
    return tag_ == Tag::kInt ? static_cast<double>(int_) : 0.0;
  }
  // The number cut to a whole one, bounded to 64 bits (NaN gives 0). Zero for other kinds.
  int64_t as_int() const;
  // A number without a fraction that fits 64 bits.
  bool is_integral() const;
  // The characters of a string; empty for other kinds.
  std::string_view as_string() const {
    return tag_ == Tag::kString ? std::string_view(chars_, size_) : std::string_view();
  }

  // Items of an array, members of an object; zero for other kinds.
  size_t size() const {
    if (tag_ == Tag::kArray) return size_;
    return tag_ == Tag::kObject ? object_->shape->count : 0;
  }
  // Item `i` of an array.
  const Value& item(size_t i) const {
    WEFT_DCHECK(tag_ == Tag::kArray && i < size_);
    return items_[i];
  }
  const Value* items() const { return items_; }
  // Name and value of member `i` of an object, in insertion order.
  std::string_view key(size_t i) const {
    WEFT_DCHECK(tag_ == Tag::kObject && i < object_->shape->count);
    return object_->shape->keys[i].view();
  }
  const Value& member(size_t i) const {
    WEFT_DCHECK(tag_ == Tag::kObject && i < object_->shape->count);
    return object_->members[i];
  }
  // The member called `name`; undefined when absent or when this is no object.
  Value find(std::string_view name) const;

  uint8_t flags() const { return flags_; }
  bool has_flag(uint8_t flag) const { return (flags_ & flag) != 0; }
  Value with_flags(uint8_t flags) const {
    Value result = *this;
    result.flags_ = flags;
    return result;
  }
  const Object* object_data() const { return object_; }
  const void* function_data() const { return pointer_; }

  // A marker distinct from every value, undefined included, for slots nothing was stored in.
  static constexpr Value unset() { return Value(Tag::kUnset, 0); }
  bool is_unset() const { return tag_ == Tag::kUnset; }
  // Identity as JavaScript's === has it: scalars by value, containers and functions by what they
  // point at.
  bool same(const Value& other) const;

  static bool is_ascii(std::string_view text);

 private:
  enum class Tag : uint8_t {
    kUndefined,
    kNull,
    kFalse,
    kTrue,
    kDouble,
    kInt,
    kString,
    kArray,
    kObject,
    kFunction,
    kUnset
  };
  constexpr Value(Tag tag, int64_t payload) : tag_(tag), int_(payload) {}

  Tag tag_;
  uint8_t flags_ = 0;
  [[maybe_unused]] uint16_t aux_ = 0;
  uint32_t size_ = 0;
  union {
    double double_;
    int64_t int_;
    const char* chars_;
    const Value* items_;
    const Object* object_;
    const void* pointer_;
  };
};
static_assert(sizeof(Value) == 16);

}  // namespace weft::json
