#include "json/build.h"

#include <algorithm>
#include <cstring>

namespace weft::json {

namespace {
// Up to here a scan over the names beats a table.
constexpr uint32_t kScanMax = 12;
// Arrays up to here grow without asking for the arena's cap.
constexpr size_t kUncheckedItems = 1024;
}  // namespace

void ArrayBuilder::grow(size_t needed) {
  const size_t capacity = std::max<size_t>({needed, capacity_ * 2, 4});
  const bool checked = capacity > kUncheckedItems;
  if (items_ != nullptr && (!checked || arena_.fits((capacity - capacity_) * sizeof(Value))) &&
      arena_.extend(items_, capacity_ * sizeof(Value), capacity * sizeof(Value))) {
    capacity_ = capacity;
    return;
  }
  if (checked && !arena_.fits(capacity * sizeof(Value))) {
    // The arena's owner sees over_limit() and gives the array up; until then its room is reused.
    count_ = 0;
    if (capacity_ > 0) return;
    items_ = arena_.allocate_array<Value>(capacity_ = 4);
    return;
  }
  auto* items = arena_.allocate_array<Value>(capacity);
  if (count_ > 0) std::memcpy(static_cast<void*>(items), items_, count_ * sizeof(Value));
  items_ = items;
  capacity_ = capacity;
}

void ArrayBuilder::append(const Value* values, size_t count) {
  if (count == 0) return;
  reserve(count_ + count);
  if (capacity_ < count_ + count) return;
  std::memcpy(static_cast<void*>(items_ + count_), values, count * sizeof(Value));
  count_ += count;
}

uint32_t KeySet::place(const Key& key) {
  const uint32_t found = find(key);
  if (found != Shape::kNone) return found;
  append(key);
  return count_ - 1;
}

uint32_t KeySet::find(const Key& key) const {
  if (index_ == nullptr) {
    for (uint32_t slot = 0; slot < count_; ++slot) {
      if (keys_[slot].equals(key.view(), key.hash)) return slot;
    }
    return Shape::kNone;
  }
  for (uint32_t at = table_hash(key.view(), key.hash) & index_mask_; index_[at] != 0;
       at = (at + 1) & index_mask_) {
    const uint32_t slot = index_[at] - 1;
    if (keys_[slot].equals(key.view(), key.hash)) return slot;
  }
  return Shape::kNone;
}

void KeySet::append(const Key& key) {
  if (count_ == capacity_) grow();
  keys_[count_++] = key;
  if (index_ != nullptr) {
    uint32_t at = table_hash(key.view(), key.hash) & index_mask_;
    while (index_[at] != 0) at = (at + 1) & index_mask_;
    index_[at] = count_;
  } else if (count_ > kScanMax) {
    index_all();
  }
}

void KeySet::assign(const Key* keys, uint32_t count) {
  if (count == 0) return;
  capacity_ = count + 4;
  keys_ = arena_.allocate_array<Key>(capacity_);
  std::memcpy(keys_, keys, count * sizeof(Key));
  count_ = count;
  if (count_ > kScanMax) index_all();
}

void KeySet::grow() {
  const uint32_t capacity = std::max(capacity_ * 2, 4U);
  if (keys_ == nullptr || !arena_.extend(keys_, capacity_ * sizeof(Key), capacity * sizeof(Key))) {
    auto* keys = arena_.allocate_array<Key>(capacity);
    if (count_ > 0) std::memcpy(keys, keys_, count_ * sizeof(Key));
    keys_ = keys;
  }
  capacity_ = capacity;
  if (index_ != nullptr) index_all();
}

void KeySet::index_all() {
  uint32_t capacity = 32;
  while (capacity < capacity_ * 2) capacity *= 2;
  index_ = arena_.allocate_array<uint32_t>(capacity);
  std::memset(index_, 0, capacity * sizeof(uint32_t));
  index_mask_ = capacity - 1;
  for (uint32_t slot = 0; slot < count_; ++slot) {
    uint32_t at = table_hash(keys_[slot].view(), keys_[slot].hash) & index_mask_;
    while (index_[at] != 0) at = (at + 1) & index_mask_;
    index_[at] = slot + 1;
  }
}

void ObjectBuilder::add(std::string_view key, Value value) {
  const Key probe{key.data(), static_cast<uint32_t>(key.size()), hash_key(key)};
  const uint32_t slot = keys_.find(probe);
  if (slot != Shape::kNone) {
    if (slot < members_.size()) members_.items()[slot] = value;
    return;
  }
  keys_.append(Key{arena_.copy(key).data(), probe.size, probe.hash});
  members_.push(value);
}

void ObjectBuilder::add_key(const Key& key, Value value) {
  const uint32_t slot = keys_.place(key);
  if (slot < members_.size()) {
    members_.items()[slot] = value;
  } else {
    members_.push(value);
  }
}

Value ObjectBuilder::finish() {
  // Unequal only after the arena's cap was crossed.
  if (keys_.size() == 0 || members_.size() != keys_.size())
    return Value::object(Shape::empty(), nullptr, arena_);
  return Value::object(Shape::make(keys_.keys(), keys_.size(), arena_), members_.items(), arena_);
}

ObjectExtender::ObjectExtender(const Value& base, Arena& arena)
    : arena_(arena), shape_(base.object_data()->shape), keys_(arena), members_(arena) {
  members_.reserve(base.size() + 2);
  members_.append(base.object_data()->members, base.size());
}

void ObjectExtender::add_key(const Key& key, Value value) {
  const uint32_t slot = shape_ != nullptr ? shape_->find(key.view(), key.hash) : keys_.find(key);
  if (slot != Shape::kNone) {
    if (slot < members_.size()) members_.items()[slot] = value;
    return;
  }
  if (shape_ != nullptr) keys_.assign(shape_->keys, shape_->count);
  shape_ = nullptr;
  keys_.append(key);
  members_.push(value);
}

Value ObjectExtender::finish() {
  const uint32_t count = shape_ != nullptr ? shape_->count : keys_.size();
  // Unequal only after the arena's cap was crossed.
  if (count == 0 || members_.size() != count) return Value::object(Shape::empty(), nullptr, arena_);
  if (shape_ == nullptr) shape_ = Shape::make(keys_.keys(), count, arena_);
  return Value::object(shape_, members_.items(), arena_);
}

}  // namespace weft::json
