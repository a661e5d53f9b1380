#include "api/log_lines.h"

#include "aws/answer.h"
#include "trace/ids.h"
#include "trace/runtime_line.h"

namespace weft::api {

namespace {

// As sent, as a runtime wrote it before the text, or what the text says otherwise.
std::string_view severity_of(const reading::FunctionLine& shown) {
  if (!shown.line.severity.empty()) return shown.line.severity;
  const auto logged = trace::parse_runtime_line(shown.line.text);
  return logged ? logged->level_name : trace::to_string(shown.level);
}

}  // namespace

json::Value log_line_value(const reading::FunctionLine& shown, json::Arena& arena) {
  const trace::LogLine& line = shown.line;
  aws::Answer value(arena);
  value.number("t", line.time_ns / 1'000)
      .text("source", trace::to_string(line.source))
      .text_if("severity", severity_of(shown));
  if (shown.child != nullptr) {
    value.text_if("nested", shown.child->nested);
    if (!shown.child->arn.empty()) {
      value.text("child", shown.child->arn)
          .text("map", shown.child->map)
          .number("index", static_cast<int64_t>(shown.child->index));
    }
  }
  value.text_if("state", shown.state);
  if (shown.attempt != 0) value.number("attempt", shown.attempt);
  value.text_if("request", line.request_id);
  if (line.span_id != 0) value.text("span", trace::hex_of(line.span_id));
  value.text_if("logger", line.logger);
  if (line.not_kept != 0) {
    value.number("notKept", static_cast<int64_t>(line.not_kept));
  } else {
    value.text("text", line.text);
    if (const auto logged = trace::parse_runtime_line(line.text)) {
      value.number("prefix", logged->message.data() - line.text.data());
    }
  }
  if (!line.attributes.empty()) {
    aws::Answer attributes(arena);
    for (const auto& [key, text] : line.attributes) attributes.text(key, text);
    value.value("attributes", attributes.finish());
  }
  return value.finish();
}

}  // namespace weft::api
