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

void set_note_attribute(std::string_view key, std::string_view value,
                        trace::Attributes& attributes) {
  constexpr size_t kNoteAttributesMax = 128;  // OpenTelemetry's own limit
  if (!key.empty() && attributes.size() < kNoteAttributesMax)
    attributes.emplace_back(cut_text(key, kKeyBytesMax), cut_text(value, kValueBytesMax));
}

void add_event(trace::SpanEvent event, trace::InnerSpan& span) {
  if (event.name == "exception") {
    for (const auto& [key, value] : event.attributes) {
      const bool error =
          key == "exception.type" || key == "exception.message" || key == "exception.stacktrace";
      if (error) set_attribute(key, value, span);
    }
  }
  if (span.events.size() == trace::kSpanEventsMax) return;
  event.name = cut_text(event.name, kResourceBytesMax);
  span.events.push_back(std::move(event));
}

void add_link(trace::SpanLink link, trace::InnerSpan& span) {
  if (link.span_id != 0 && span.links.size() < trace::kSpanLinksMax)
    span.links.push_back(std::move(link));
}

}  // namespace weft::telemetry
