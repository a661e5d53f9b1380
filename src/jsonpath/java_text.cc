#include "jsonpath/java_text.h"

#include "json/exact.h"
#include "jsonpath/limits.h"

namespace weft::jsonpath {

namespace {

void write_at(const json::Value& value, int depth, std::string& out) {
  if (depth > kWalkDepthMax) {
    out += "...";
    return;
  }
  if (value.is_string()) {
    out += value.as_string();
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      write_at(value.item(i), depth + 1, out);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      out += value.key(i);
      out += '=';
      write_at(value.member(i), depth + 1, out);
    }
    out += '}';
  } else {
    json::write_exact(value, out);
  }
}

}  // namespace

void write_java_text(const json::Value& value, std::string& out) { write_at(value, 0, out); }

}  // namespace weft::jsonpath
