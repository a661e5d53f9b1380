#pragma once

#include <string_view>

#include "json/arena.h"
#include "json/value.h"

namespace weft::json {

// Collects items into an array in an arena. Growing doubles, in place where the arena allows. An
// array that would cross the arena's cap is not built: over_limit() is set then, and what finish()
// gives means nothing.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(Arena& arena) : arena_(arena) {}
  void push(Value value) {
    if (count_ == capacity_) [[unlikely]]
      grow(count_ + 1);
    items_[count_++] = value;
  }
  // Appends `count` values.
  void append(const Value* values, size_t count);
  void reserve(size_t count) {
    if (count > capacity_) grow(count);
  }
  size_t size() const { return count_; }
  Value* items() { return items_; }
  void truncate(size_t count) { count_ = count; }
  // The array built so far, with these flags of Value.
  Value finish(uint8_t flags = 0) const { return Value::array(items_, count_, flags); }

 private:
  void grow(size_t needed);

  Arena& arena_;
  Value* items_ = nullptr;
  size_t count_ = 0;
  size_t capacity_ = 0;
};

// Distinct member names in order of first appearance, in an arena.
class KeySet {
 public:
  explicit KeySet(Arena& arena) : arena_(arena) {}
  // The place of `key`, which is added (by reference) when it is new: then the place is the old
  // size().
  uint32_t place(const Key& key);
  // The place of `key`, or Shape::kNone.
  uint32_t find(const Key& key) const;
  // Adds a key known to be new.
  void append(const Key& key);
  // Adds keys known to be distinct to a set without any.
  void assign(const Key* keys, uint32_t count);
  uint32_t size() const { return count_; }
  const Key& key(size_t i) const { return keys_[i]; }
  const Key* keys() const { return keys_; }

 private:
  void grow();
  void index_all();

  Arena& arena_;
  Key* keys_ = nullptr;
  uint32_t count_ = 0;
  uint32_t capacity_ = 0;
  uint32_t* index_ = nullptr;
  uint32_t index_mask_ = 0;
};

// Collects members into an object in an arena. A name added again overwrites the value and keeps
// its place.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(Arena& arena) : arena_(arena), keys_(arena), members_(arena) {}
  // Copies `key` into the arena.
  void add(std::string_view key, Value value);
  // Refers to `key`, which must outlive the object.
  void add_ref(std::string_view key, Value value) {
    add_key(Key{key.data(), static_cast<uint32_t>(key.size()), hash_key(key)}, value);
  }
  // Like add_ref with the hash known already.
  void add_key(const Key& key, Value value);
  size_t size() const { return keys_.size(); }
  Value finish();

 private:
  Arena& arena_;
  KeySet keys_;
  ArrayBuilder members_;
};

// Builds an object from another by adding and overwriting members. It shares the other's shape as
// long as no name is new.
class ObjectExtender {
 public:
  ObjectExtender(const Value& base, Arena& arena);
  // Refers to the name, which must outlive the object.
  void add_key(const Key& key, Value value);
  Value finish();

 private:
  Arena& arena_;
  const Shape* shape_;  // of the base; nullptr once a name was added
  KeySet keys_;         // all names then
  ArrayBuilder members_;
};

}  // namespace weft::json
