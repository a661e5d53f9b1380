#include "json/equal.h"

namespace weft::json {

namespace {

bool equal_objects(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  const Object* left = a.object_data();
  const Object* right = b.object_data();
  if (left == right) return true;
  if (left->shape == right->shape) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal(left->members[i], right->members[i])) return false;
    }
    return true;
  }
  for (uint32_t i = 0; i < left->shape->count; ++i) {
    const Key& key = left->shape->keys[i];
    const uint32_t slot = right->shape->find(key.view(), key.hash);
    if (slot == Shape::kNone || !equal(left->members[i], right->members[slot])) return false;
  }
  return true;
}

}  // namespace

bool equal(const Value& a, const Value& b) {
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return false;
    if (a.items() == b.items()) return true;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  if (a.is_object() && b.is_object()) return equal_objects(a, b);
  return a.same(b);
}

}  // namespace weft::json
