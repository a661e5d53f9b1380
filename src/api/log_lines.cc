#include "api/log_lines.h"

#include "api/answer.h"

namespace weft::api {
namespace {

json::Value attributes_value(const trace::LogLine& line, const trace::Redactor& payloads,
                             json::Arena& arena) {
  Answer attributes(arena);
  for (const auto& [key, value] : line.attributes)
    attributes.text(key, payloads.hides(key) ? trace::kRedacted : std::string_view(value));
  return attributes.finish();
}

}  // namespace

json::Value log_lines_value(std::span<const runtime::FunctionLogs::Line> lines,
                            const trace::Redactor& payloads, json::Arena& arena) {
  json::ArrayBuilder values(arena);
  for (const auto& [line, state, attempt] : lines) {
    Answer value(arena);
    value.number("t", line.time_ns / 1'000)
        .text("source", trace::to_string(line.source))
        .text_if("severity", line.severity)
        .text_if("state", state);
    if (attempt != 0) value.number("attempt", attempt);
    value.text_if("request", line.request_id);
    if (line.span_id != 0) value.text("span", trace::hex_of(line.span_id));
    value.text_if("logger", line.logger);
    if (line.not_kept != 0) {
      value.number("notKept", static_cast<int64_t>(line.not_kept));
    } else {
      value.text("text", line.text);
    }
    if (!line.attributes.empty())
      value.value("attributes", attributes_value(line, payloads, arena));
    values.push(value.finish());
  }
  return values.finish();
}

}  // namespace weft::api
