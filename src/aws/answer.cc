#include "aws/answer.h"

#include "json/write.h"

namespace weft::aws {

using json::Value;

Answer& Answer::text(std::string_view name, std::string_view value) {
  members_.add(name, Value::string(value, arena_));
  return *this;
}

Answer& Answer::text_if(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

Answer& Answer::optional_text(std::string_view name, const std::optional<std::string>& value) {
  return value ? text(name, *value) : *this;
}

Answer& Answer::number(std::string_view name, int64_t value) {
  members_.add(name, Value::integer(value));
  return *this;
}

Answer& Answer::real(std::string_view name, double value) {
  members_.add(name, Value::number(value));
  return *this;
}

Answer& Answer::flag(std::string_view name, bool value) {
  members_.add(name, Value::boolean(value));
  return *this;
}

Answer& Answer::time(std::string_view name, base::UnixMs value) {
  return value == 0 ? *this : real(name, static_cast<double>(value) / 1000.0);
}

Answer& Answer::value(std::string_view name, Value value) {
  members_.add(name, value);
  return *this;
}

Answer& Answer::payload(std::string_view name, const base::Text& value) {
  if (value.is_null()) return *this;
  text(name, value.view());
  members_.add(std::string(name) + "Details", Answer(arena_).flag("included", true).finish());
  return *this;
}

std::string Answer::to_text() { return json::to_text(finish()); }

}  // namespace weft::aws
