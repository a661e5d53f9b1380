#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "json/write.h"

namespace weft::json {

// Writes an object as text, member by member in the order they are given; texts that are JSON
// already are taken as they are.
class ObjectText {
 public:
  // `name` needs no escapes; `value` is JSON.
  void raw(std::string_view name, std::string_view value) {
    if (out_.size() > 1) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    out_ += value;
  }
  // `value` becomes a string.
  void text(std::string_view name, std::string_view value) {
    raw(name, "");
    write_string(value, out_);
  }
  std::string finish() { return std::move(out_) + "}"; }

 private:
  std::string out_ = "{";
};

}  // namespace weft::json
