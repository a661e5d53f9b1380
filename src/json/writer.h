#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "json/value.h"
#include "json/write.h"

// Internal to src/json.

namespace weft::json {

// Values nested deeper than this print as null below it: no value can exhaust the stack.
inline constexpr int kWriteDepthMax = 2000;
// Bytes between two looks at the clock.
inline constexpr size_t kLookBytes = 64 * 1024;

// Writes one value. `Numbers::write(value, out)` spells its numbers.
template <typename Numbers>
class Writer {
 public:
  Writer(std::string& out, bool pretty, const WriteBounds& bounds = {})
      : out_(out), pretty_(pretty), bounds_(bounds) {
    stop_at_ = bounds.bytes_max < SIZE_MAX - out.size() ? out.size() + bounds.bytes_max : SIZE_MAX;
    look_at_ = stop_at_;
    look_again();
  }

  void value(const Value& value) {
    if (depth_ > kWriteDepthMax) {
      out_ += "null";
      return;
    }
    switch (value.kind()) {
      case Kind::kUndefined:
        return;
      case Kind::kNull:
        out_ += "null";
        return;
      case Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Kind::kNumber:
        Numbers::write(value, out_);
        return;
      case Kind::kString:
        write_string(value.as_string(), out_);
        return;
      case Kind::kFunction:
        out_ += "\"\"";
        return;
      case Kind::kArray:
        array(value);
        return;
      case Kind::kObject:
        object(value);
        return;
    }
  }

 private:
  void array(const Value& value_) {
    out_ += '[';
    ++depth_;
    for (size_t i = 0; i < value_.size() && goes_on(); ++i) {
      if (i > 0) out_ += ',';
      line();
      const Value& item = value_.item(i);
      if (item.is_undefined()) {
        out_ += "null";
      } else {
        value(item);
      }
    }
    --depth_;
    if (value_.size() > 0) line();
    out_ += ']';
  }

  void object(const Value& value_) {
    out_ += '{';
    ++depth_;
    bool any = false;
    for (size_t i = 0; i < value_.size() && goes_on(); ++i) {
      const Value& member = value_.member(i);
      if (member.is_undefined()) continue;
      if (any) out_ += ',';
      any = true;
      line();
      write_string(value_.key(i), out_);
      out_ += pretty_ ? ": " : ":";
      value(member);
    }
    --depth_;
    if (any) line();
    out_ += '}';
  }

  // Whether there is room for more; asked between the parts of a value.
  bool goes_on() {
    if (out_.size() <= look_at_) [[likely]]
      return true;
    if (out_.size() > stop_at_) return false;
    bounds_.clock();
    look_again();
    return true;
  }

  void look_again() {
    if (bounds_.clock != nullptr) look_at_ = std::min(stop_at_, out_.size() + kLookBytes);
  }

  void line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }

  std::string& out_;
  bool pretty_;
  WriteBounds bounds_;
  size_t stop_at_ = 0;  // of out_
  size_t look_at_ = 0;
  int depth_ = 0;
};

}  // namespace weft::json
