#include "history/error_message.h"

#include "json/arena.h"
#include "json/parse.h"

namespace weft::history {

std::optional<std::string_view> error_message(json::Value cause) {
  const json::Value message = cause.find("errorMessage");
  if (!message.is_string()) return std::nullopt;
  return message.as_string();
}

std::optional<std::string> error_message(std::string_view cause) {
  const size_t begin = cause.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || cause[begin] != '{') return std::nullopt;
  json::Arena arena;
  const auto parsed = json::parse(cause, arena);
  const auto message = parsed ? error_message(*parsed) : std::nullopt;
  if (!message) return std::nullopt;
  return std::string(*message);
}

}  // namespace weft::history
