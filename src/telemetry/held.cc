#include "telemetry/held.h"

#include <string>

namespace weft::telemetry {
namespace {

// What a text takes outside of its object.
size_t outside(const std::string& text) {
  const size_t inside = std::string().capacity();
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

size_t outside(const std::vector<std::pair<std::string, std::string>>& attributes) {
  size_t bytes = attributes.capacity() * sizeof(attributes.front());
  for (const auto& [key, value] : attributes) bytes += outside(key) + outside(value);
  return bytes;
}

}  // namespace

HeldLimits size_of(const Chunk& chunk) {
  size_t bytes = chunk.capacity() * sizeof(InnerSpan);
  for (const InnerSpan& span : chunk) {
    for (const std::string* text :
         {&span.service, &span.name, &span.resource, &span.type, &span.error_type,
          &span.error_message, &span.error_stack, &span.request_id}) {
      bytes += outside(*text);
    }
    bytes += outside(span.attributes) + span.events.capacity() * sizeof(trace::SpanEvent) +
             span.links.capacity() * sizeof(trace::SpanLink);
    for (const trace::SpanEvent& event : span.events)
      bytes += outside(event.name) + outside(event.attributes);
    for (const trace::SpanLink& link : span.links) bytes += outside(link.attributes);
  }
  return {.count = chunk.size(), .bytes = bytes};
}

HeldLimits size_of(const LogRecord& record) {
  const trace::LogLine& line = record.line;
  const size_t bytes = outside(line.request_id) + outside(line.severity) + outside(line.logger) +
                       outside(line.text) + outside(line.attributes);
  return {.count = 1, .bytes = bytes};
}

}  // namespace weft::telemetry
