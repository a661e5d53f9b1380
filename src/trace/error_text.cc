#include "trace/error_text.h"

#include <fmt/format.h>

#include "history/error_message.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"

namespace weft::trace {
namespace {

using json::Value;

std::string frame_of(Value frame) {
  if (frame.is_string()) {
    std::string_view line = frame.as_string();
    while (line.ends_with('\n')) line.remove_suffix(1);  // Python's lines have one each
    return std::string(line);
  }
  const Value path = frame.find("path");
  if (!path.is_string()) return json::to_text(frame);
  return fmt::format("{} ({}:{})", frame.find("label").as_string(), path.as_string(),
                     json::to_text(frame.find("line")));
}

std::string stack_of(Value frames) {
  if (frames.is_string()) return std::string(frames.as_string());
  std::string stack;
  for (size_t i = 0; frames.is_array() && i < frames.size(); ++i) {
    if (i > 0) stack += '\n';
    stack += frame_of(frames.item(i));
  }
  return stack;
}

}  // namespace

ErrorText error_text(std::string_view cause) {
  ErrorText text{.message = std::string(cause), .stack = {}};
  json::Arena arena;
  const auto parsed = json::parse(cause, arena);
  const auto message = parsed ? history::error_message(*parsed) : std::nullopt;
  if (!message) return text;
  if (!message->empty()) {
    text.message = *message;
  } else if (parsed->find("errorType").is_string()) {
    text.message = "(no message)";
  }
  const Value trace = parsed->find("trace");
  text.stack = stack_of(trace.is_undefined() ? parsed->find("stackTrace") : trace);
  return text;
}

}  // namespace weft::trace
