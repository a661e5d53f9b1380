#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "trace/inner_span.h"

namespace weft::telemetry {

// What is kept of a span's texts, in bytes; the limits of Datadog's agent.
inline constexpr size_t kNameBytesMax = 100;  // service, name, type
inline constexpr size_t kResourceBytesMax = 5'000;
inline constexpr size_t kKeyBytesMax = 200;
inline constexpr size_t kValueBytesMax = 25'000;
inline constexpr size_t kAttributesMax = 1'024;

// What one request may become: its spans, log records or points with their texts, in bytes. A small
// body may name a long text many times, or hold millions of empty records.
inline constexpr size_t kDecodedBytesMax = 256u << 20;
// What a record, or an attribute, takes beside its texts.
inline constexpr size_t kRecordBytes = 512;
inline constexpr size_t kAttributeBytes = 64;
// What a bucket of a histogram takes.
inline constexpr size_t kBucketBytes = 64;
// Parsed JSON takes much more than its text.
inline constexpr size_t kJsonBodyBytesMax = 16u << 20;

// Counts it.
class DecodedSize {
 public:
  // False once it is too much.
  bool add(size_t bytes) {
    bytes_ += bytes;
    return bytes_ <= kDecodedBytesMax;
  }

 private:
  size_t bytes_ = 0;
};

// The first `max` bytes at most, cut between characters.
std::string cut_text(std::string_view text, size_t max);

// Puts a text attribute where it belongs: error texts and the request id into their members, what
// only tracers need nowhere, all else into `attributes`.
void set_attribute(std::string_view key, std::string_view value, trace::InnerSpan& span);

// An event, cut to what is kept; an exception also becomes the span's error. Nothing beyond
// trace::kSpanEventsMax.
void add_event(trace::SpanEvent event, trace::InnerSpan& span);
// A link; nothing without a span, or beyond trace::kSpanLinksMax.
void add_link(trace::SpanLink link, trace::InnerSpan& span);
// Puts an attribute of one of them in its place, cut to what is kept.
void set_note_attribute(std::string_view key, std::string_view value,
                        trace::Attributes& attributes);

}  // namespace weft::telemetry
