#include "history/wire.h"
#include "telemetry/otlp_protobuf_values.h"
#include "telemetry/otlp_span.h"

namespace weft::telemetry {
namespace {

using history::WireReader;

// Field numbers: opentelemetry-proto, trace/v1.
class SpanReader : public OtlpReader {
 public:
  std::vector<InnerSpan> take() { return std::move(spans_); }

 private:
  void begin_resource(std::string_view resource) override {
    service_.clear();
    for_each_attribute(resource, [this](const std::string& key, const std::string& value) {
      if (key == "service.name") service_ = value;
    });
  }

  void record(std::string_view bytes) override {
    InnerSpan& span = spans_.emplace_back();
    uint64_t kind = 0;
    uint64_t end_ns = 0;
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          span.trace = trace_id(reader.bytes());
          break;
        case 2:
          span.span_id = span_id("span_id", reader.bytes());
          break;
        case 4:
          span.parent_id = span_id("parent_span_id", reader.bytes());
          break;
        case 5:
          span.name = cut_text(reader.bytes(), kResourceBytesMax);
          break;
        case 6:
          kind = reader.uint();
          break;
        case 7:
          span.start_ns = static_cast<int64_t>(reader.fixed64());
          break;
        case 8:
          end_ns = reader.fixed64();
          break;
        case 9:
          attribute(reader.bytes(), span);
          break;
        case 11:
          event(reader.bytes(), span);
          break;
        case 13:
          link(reader.bytes(), span);
          break;
        case 15:
          status(reader.bytes(), span);
          break;
        default:
          break;
      }
    }
    finish(reader, "Span");
    if (span.span_id == 0 || (span.trace.high | span.trace.low) == 0)
      fault("a Span without trace_id or span_id");
    finish_otlp_span(kind, end_ns, service_, span);
  }

  void attribute(std::string_view bytes, InnerSpan& span) {
    const auto [key, value] = key_value(bytes);
    if (!key.empty()) set_attribute(key, value, span);
  }

  void event(std::string_view bytes, InnerSpan& span) {
    trace::SpanEvent event;
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 1) event.time_ns = static_cast<int64_t>(reader.fixed64());
      if (reader.field() == 2) event.name = cut_text(reader.bytes(), kResourceBytesMax);
      if (reader.field() == 3) note_attribute(reader.bytes(), event.attributes);
    }
    keep(kAttributeBytes + event.name.size());
    finish(reader, "Event");
    add_event(std::move(event), span);
  }

  void link(std::string_view bytes, InnerSpan& span) {
    trace::SpanLink link;
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 1) link.trace = trace_id(reader.bytes());
      if (reader.field() == 2) link.span_id = span_id("span_id of a Link", reader.bytes());
      if (reader.field() == 4) note_attribute(reader.bytes(), link.attributes);
    }
    keep(kAttributeBytes);
    finish(reader, "Link");
    add_link(std::move(link), span);
  }

  void note_attribute(std::string_view bytes, trace::Attributes& attributes) {
    const auto [key, value] = key_value(bytes);
    set_note_attribute(key, value, attributes);
  }

  void status(std::string_view bytes, InnerSpan& span) {
    WireReader reader(bytes);
    while (reader.next()) {
      if (reader.field() == 3) span.error = reader.uint() == kOtlpStatusError;
      if (reader.field() != 2) continue;
      const std::string_view message = reader.bytes();
      if (span.error_message.empty()) span.error_message = cut_text(message, kValueBytesMax);
    }
    finish(reader, "Status");
  }

  std::string service_;
  std::vector<InnerSpan> spans_;
};

}  // namespace

base::Result<std::vector<Chunk>> decode_otlp_traces_protobuf(std::string_view body) {
  SpanReader reader;
  if (auto read = reader.for_each_record(body); !read) return std::unexpected(read.error());
  return split_by_root(reader.take());
}

}  // namespace weft::telemetry
