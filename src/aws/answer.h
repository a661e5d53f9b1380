#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/time.h"
#include "json/arena.h"
#include "json/build.h"
#include "json/value.h"

namespace weft::aws {

// Builds the JSON object of an answer, member by member, in AWS's order. Texts are copied into the
// arena.
class Answer {
 public:
  explicit Answer(json::Arena& arena) : arena_(arena), members_(arena) {}

  Answer& text(std::string_view name, std::string_view value);
  // Left out when empty.
  Answer& text_if(std::string_view name, std::string_view value);
  // Left out when absent.
  Answer& optional_text(std::string_view name, const std::optional<std::string>& value);
  Answer& number(std::string_view name, int64_t value);
  Answer& real(std::string_view name, double value);
  Answer& flag(std::string_view name, bool value);
  // Unix seconds with milliseconds as a JSON number; left out when 0.
  Answer& time(std::string_view name, base::UnixMs value);
  Answer& value(std::string_view name, json::Value value);
  // A payload and its `nameDetails: {"included": true}`; left out when there is none.
  Answer& payload(std::string_view name, const base::Text& value);

  json::Value finish() { return members_.finish(); }
  std::string to_text();

 private:
  json::Arena& arena_;
  json::ObjectBuilder members_;
};

}  // namespace weft::aws
