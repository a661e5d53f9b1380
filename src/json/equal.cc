#include "json/equal.h"

namespace weft::json {

namespace {

// Beyond this depth values count as different: no value can exhaust the stack.
constexpr int kDepthMax = 2000;

bool equal_at(const Value& a, const Value& b, int depth, const EqualSteps* steps);

bool equal_objects(const Value& a, const Value& b, int depth, const EqualSteps* steps) {
  if (a.size() != b.size()) return false;
  const Object* left = a.object_data();
  const Object* right = b.object_data();
  if (left == right) return true;
  if (left->shape == right->shape) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal_at(left->members[i], right->members[i], depth, steps)) return false;
    }
    return true;
  }
  for (uint32_t i = 0; i < left->shape->count; ++i) {
    const Key& key = left->shape->keys[i];
    const uint32_t slot = right->shape->find(key.view(), key.hash);
    if (slot == Shape::kNone || !equal_at(left->members[i], right->members[slot], depth, steps))
      return false;
  }
  return true;
}

bool equal_at(const Value& a, const Value& b, int depth, const EqualSteps* steps) {
  if (depth > kDepthMax || (steps != nullptr && !steps->take(steps->owner))) return false;
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return false;
    if (a.items() == b.items()) return true;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!equal_at(a.items()[i], b.items()[i], depth + 1, steps)) return false;
    }
    return true;
  }
  if (a.is_object() && b.is_object()) return equal_objects(a, b, depth + 1, steps);
  return a.same(b);
}

}  // namespace

bool equal(const Value& a, const Value& b) { return equal_at(a, b, 0, nullptr); }

bool equal(const Value& a, const Value& b, const EqualSteps& steps) {
  return equal_at(a, b, 0, &steps);
}

}  // namespace weft::json
