#pragma once

#include <optional>
#include <string_view>

#include "history/event.h"
#include "json/value.h"

namespace weft::cloudwatch {

// The type called `name` ("TaskStateEntered"); nothing for names AWS does not have.
std::optional<history::EventType> parse_event_type(std::string_view name);

// A whole number, written as a number or as a string of digits.
std::optional<int64_t> whole_number(json::Value value);

// Fills the members of `event` from AWS's details object of its type (any value is accepted, what
// is missing stays empty). True when a payload in it was cut.
bool read_details(json::Value details, history::Event& event);

}  // namespace weft::cloudwatch
