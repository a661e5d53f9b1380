#include "telemetry/span_limits.h"

namespace weft::telemetry {

std::string cut_text(std::string_view text, size_t max) {
  if (text.size() <= max) return std::string(text);
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  return std::string(text.substr(0, max));
}

void set_attribute(std::string_view key, std::string_view value, trace::InnerSpan& span) {
  if (key == "request_id" || key == "faas.invocation_id" || key == "faas.execution") {
    span.request_id = cut_text(value, kNameBytesMax);
  } else if (key == "error.type" || key == "exception.type") {
    span.error_type = cut_text(value, kResourceBytesMax);
  } else if (key == "error.message" || key == "error.msg" || key == "exception.message") {
    span.error_message = cut_text(value, kValueBytesMax);
  } else if (key == "error.stack" || key == "exception.stacktrace") {
    span.error_stack = cut_text(value, kValueBytesMax);
  } else if (!key.starts_with("_dd.") && !key.starts_with("_sampling_priority") &&
             span.attributes.size() < kAttributesMax) {
    span.attributes.emplace_back(cut_text(key, kKeyBytesMax), cut_text(value, kValueBytesMax));
  }
}

}  // namespace weft::telemetry
