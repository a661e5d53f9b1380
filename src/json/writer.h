#pragma once

#include <string>

#include "json/value.h"
#include "json/write.h"

// Internal to src/json.

namespace weft::json {

// Values nested deeper than this print as null below it: no value can exhaust the stack.
inline constexpr int kWriteDepthMax = 2000;

// Writes one value. `Numbers::write(value, out)` spells its numbers.
template <typename Numbers>
class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

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
    for (size_t i = 0; i < value_.size(); ++i) {
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
    for (size_t i = 0; i < value_.size(); ++i) {
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

  void line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }

  std::string& out_;
  bool pretty_;
  int depth_ = 0;
};

}  // namespace weft::json
