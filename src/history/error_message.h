#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace weft::history {

// The `errorMessage` of what a function that throws answers: an object like
// {"errorMessage": "...", "errorType": "...", "trace": [...]}, as Lambda's page "Function errors"
// shows it. Nothing where the cause is no such object, or was cut. Who groups errors and who shows
// them ask here, so that they speak of the same words.
std::optional<std::string_view> error_message(json::Value cause);
std::optional<std::string> error_message(std::string_view cause);

}  // namespace weft::history
