#include "trace/inner_span.h"

#include <algorithm>

#include "history/wire.h"

namespace weft::trace {
namespace {

using history::WireReader;

// Field numbers of a stored span; never reused.
enum Field : uint32_t {
  kSpan = 1,  // of the whole value, repeated
  kTraceHigh = 1,
  kTraceLow = 2,
  kSpanId = 3,
  kParentId = 4,
  kAttempt = 5,
  kService = 6,
  kName = 7,
  kResource = 8,
  kType = 9,
  kStart = 10,
  kDuration = 11,
  kError = 12,
  kErrorType = 13,
  kErrorMessage = 14,
  kErrorStack = 15,
  kRequestId = 16,
  kKey = 17,  // an attribute: a key and, next, its value
  kValue = 18,
  kEvent = 19,  // repeated
  kLink = 20,
};

// Of an event and of a link.
enum NoteField : uint32_t {
  kNoteTime = 1,
  kNoteName = 2,
  kNoteTraceHigh = 3,
  kNoteTraceLow = 4,
  kNoteSpanId = 5,
  kNoteKey = 6,  // an attribute: a key and, next, its value
  kNoteValue = 7,
};

void append_note_attributes(const Attributes& attributes, std::string& out) {
  for (const auto& [key, value] : attributes) {
    history::put_bytes_present(out, kNoteKey, key);
    history::put_bytes_present(out, kNoteValue, value);
  }
}

void append_notes(const InnerSpan& span, std::string& out) {
  std::string one;
  for (const SpanEvent& event : span.events) {
    one.clear();
    history::put_int(one, kNoteTime, event.time_ns);
    history::put_bytes(one, kNoteName, event.name);
    append_note_attributes(event.attributes, one);
    history::put_bytes_present(out, kEvent, one);
  }
  for (const SpanLink& link : span.links) {
    one.clear();
    history::put_uint(one, kNoteTraceHigh, link.trace.high);
    history::put_uint(one, kNoteTraceLow, link.trace.low);
    history::put_uint(one, kNoteSpanId, link.span_id);
    append_note_attributes(link.attributes, one);
    history::put_bytes_present(out, kLink, one);
  }
}

// False: damaged.
bool read_note(std::string_view bytes, SpanEvent& event, SpanLink& link) {
  Attributes attributes;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case kNoteTime:
        event.time_ns = reader.int64();
        break;
      case kNoteName:
        event.name = reader.text();
        break;
      case kNoteTraceHigh:
        link.trace.high = reader.uint();
        break;
      case kNoteTraceLow:
        link.trace.low = reader.uint();
        break;
      case kNoteSpanId:
        link.span_id = reader.uint();
        break;
      case kNoteKey:
        attributes.emplace_back(reader.text(), std::string());
        break;
      case kNoteValue:
        if (!attributes.empty()) attributes.back().second = reader.text();
        break;
      default:
        break;
    }
  }
  event.attributes = attributes;
  link.attributes = std::move(attributes);
  return !reader.damaged();
}

// False: damaged.
bool read_event(std::string_view bytes, InnerSpan& span) {
  SpanLink unused;
  return read_note(bytes, span.events.emplace_back(), unused);
}

bool read_link(std::string_view bytes, InnerSpan& span) {
  SpanEvent unused;
  return read_note(bytes, unused, span.links.emplace_back());
}

void append_span(const InnerSpan& span, std::string& out) {
  history::put_uint(out, kTraceHigh, span.trace.high);
  history::put_uint(out, kTraceLow, span.trace.low);
  history::put_uint(out, kSpanId, span.span_id);
  history::put_uint(out, kParentId, span.parent_id);
  history::put_uint(out, kAttempt, span.attempt);
  history::put_bytes(out, kService, span.service);
  history::put_bytes(out, kName, span.name);
  history::put_bytes(out, kResource, span.resource);
  history::put_bytes(out, kType, span.type);
  history::put_int(out, kStart, span.start_ns);
  history::put_int(out, kDuration, span.duration_ns);
  history::put_uint(out, kError, span.error ? 1 : 0);
  history::put_bytes(out, kErrorType, span.error_type);
  history::put_bytes(out, kErrorMessage, span.error_message);
  history::put_bytes(out, kErrorStack, span.error_stack);
  history::put_bytes(out, kRequestId, span.request_id);
  for (const auto& [key, value] : span.attributes) {
    history::put_bytes_present(out, kKey, key);
    history::put_bytes_present(out, kValue, value);
  }
  append_notes(span, out);
}

bool read_text(WireReader& reader, InnerSpan& span) {
  switch (reader.field()) {
    case kService:
      span.service = reader.text();
      return true;
    case kName:
      span.name = reader.text();
      return true;
    case kResource:
      span.resource = reader.text();
      return true;
    case kType:
      span.type = reader.text();
      return true;
    case kErrorType:
      span.error_type = reader.text();
      return true;
    case kErrorMessage:
      span.error_message = reader.text();
      return true;
    case kErrorStack:
      span.error_stack = reader.text();
      return true;
    case kRequestId:
      span.request_id = reader.text();
      return true;
    case kKey:
      span.attributes.emplace_back(reader.text(), std::string());
      return true;
    case kValue:
      if (!span.attributes.empty()) span.attributes.back().second = reader.text();
      return true;
    default:
      return false;
  }
}

void read_number(WireReader& reader, InnerSpan& span) {
  switch (reader.field()) {
    case kTraceHigh:
      span.trace.high = reader.uint();
      break;
    case kTraceLow:
      span.trace.low = reader.uint();
      break;
    case kSpanId:
      span.span_id = reader.uint();
      break;
    case kParentId:
      span.parent_id = reader.uint();
      break;
    case kAttempt:
      span.attempt = reader.uint();
      break;
    case kStart:
      span.start_ns = reader.int64();
      break;
    case kDuration:
      span.duration_ns = reader.int64();
      break;
    case kError:
      span.error = reader.uint() != 0;
      break;
    default:
      break;
  }
}

}  // namespace

bool is_kept_by_hand(const InnerSpan& span) {
  return std::ranges::any_of(span.attributes, [](const auto& attribute) {
    const auto& [key, value] = attribute;
    return key == kManualKeep && (value == "true" || value == "1");
  });
}

std::string encode_inner_spans(const std::vector<InnerSpan>& spans) {
  std::string out;
  std::string one;
  for (const InnerSpan& span : spans) {
    one.clear();
    append_span(span, one);
    history::put_bytes_present(out, kSpan, one);
  }
  return out;
}

base::Result<void> decode_inner_spans(std::string_view bytes, std::vector<InnerSpan>& spans) {
  WireReader block(bytes);
  bool damaged = false;
  while (block.next()) {
    if (block.field() != kSpan) continue;
    WireReader reader(block.bytes());
    InnerSpan span;
    while (reader.next()) {
      if (reader.field() == kEvent) {
        damaged = !read_event(reader.bytes(), span) || damaged;
      } else if (reader.field() == kLink) {
        damaged = !read_link(reader.bytes(), span) || damaged;
      } else if (!read_text(reader, span)) {
        read_number(reader, span);
      }
    }
    damaged = damaged || reader.damaged();
    spans.push_back(std::move(span));
  }
  if (!damaged && !block.damaged()) return {};
  return base::fail(base::ErrorCode::kStorage, "A stored block of functions' spans is damaged");
}

}  // namespace weft::trace
