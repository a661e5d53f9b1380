#include "json/value.h"

#include <cmath>

namespace weft::json {

int64_t Value::as_int() const {
  if (tag_ == Tag::kInt) return int_;
  if (tag_ != Tag::kDouble || std::isnan(double_)) return 0;
  if (double_ >= 9223372036854775808.0) return INT64_MAX;
  if (double_ < -9223372036854775808.0) return INT64_MIN;
  return static_cast<int64_t>(double_);
}

bool Value::is_integral() const {
  if (tag_ == Tag::kInt) return true;
  return tag_ == Tag::kDouble && std::trunc(double_) == double_ &&
         std::fabs(double_) < 9223372036854775808.0;
}

Value Value::find(std::string_view name) const {
  if (tag_ != Tag::kObject) return {};
  const uint32_t slot = object_->shape->find(name);
  return slot == Shape::kNone ? Value() : object_->members[slot];
}

bool Value::same(const Value& other) const {
  if (is_number() && other.is_number()) {
    if (tag_ == Tag::kInt && other.tag_ == Tag::kInt) return int_ == other.int_;
    return as_double() == other.as_double();
  }
  if (tag_ != other.tag_) return false;
  switch (tag_) {
    case Tag::kString:
      return as_string() == other.as_string();
    case Tag::kArray:
      return items_ == other.items_ && size_ == other.size_;
    case Tag::kObject:
      return object_ == other.object_;
    case Tag::kFunction:
      return pointer_ == other.pointer_;
    default:
      return true;
  }
}

bool Value::is_ascii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080U) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
  }
  return true;
}

}  // namespace weft::json
