#include "running/execution_input.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "json/parse.h"

namespace weft::running {
namespace {

// What AWS's JSON parser (Jackson) says about an input that is no JSON, in the cases where it says
// something telling.
std::string input_fault(std::string_view text, const json::ParseError& error) {
  const std::string_view rest = text.substr(std::min(error.offset, text.size()));
  const size_t before = text.substr(0, text.size() - rest.size()).find_last_not_of(" \t\r\n");
  const bool name_expected = before != std::string_view::npos && text[before] == '{';
  if (!rest.empty() && name_expected) {
    return fmt::format(
        "Unexpected character ('{}' (code {})): was expecting double-quote to start field name",
        rest[0], static_cast<int>(static_cast<unsigned char>(rest[0])));
  }
  size_t length = 0;
  while (length < rest.size() &&
         (std::isalnum(static_cast<unsigned char>(rest[length])) || rest[length] == '_')) {
    ++length;
  }
  if (length > 0 && std::isalpha(static_cast<unsigned char>(rest[0]))) {
    return fmt::format(
        "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false')",
        rest.substr(0, length));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return "Invalid execution input.";
  return fmt::format("{} at line {}, column {}", error.message, error.line, error.column);
}

}  // namespace

base::Result<json::Value> parse_execution_input(const base::Text& text, size_t bytes_max,
                                                json::Arena& arena) {
  const auto invalid = [](const std::string& why) {
    return base::fail(base::ErrorCode::kInvalidExecutionInput,
                      "Invalid State Machine Execution Input: " + why);
  };
  if (text.size() > bytes_max) {
    return invalid(fmt::format("the input has {} bytes, the limit is {}.", text.size(), bytes_max));
  }
  const auto input = json::parse_located(text.view(), arena);
  if (input) return *input;
  return invalid(fmt::format("'{}'", input_fault(text.view(), input.error())));
}

}  // namespace weft::running
