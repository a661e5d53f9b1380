#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "trace/ids.h"
#include "trace/span_notes.h"

namespace weft::trace {

// A span that a function reported about itself and about what it called, in the one form that all
// of the libraries' formats are brought to (src/telemetry).
struct InnerSpan {
  TraceId trace;
  uint64_t span_id = 0;
  uint64_t parent_id = 0;  // as reported; 0 = none
  // The attempt whose invocation sent it: its parent when the reported one is not known. 0: only
  // the trace was recognised, the span hangs under the execution.
  uint64_t attempt = 0;
  std::string service;
  std::string name;      // "aws.request", "S3.GetObject"
  std::string resource;  // "getObject photos"; may be empty
  std::string type;      // Datadog's ("serverless", "http"); may be empty
  int64_t start_ns = 0;  // Unix epoch, the function's clock
  int64_t duration_ns = 0;
  bool error = false;
  std::string error_type;
  std::string error_message;
  std::string error_stack;
  std::string request_id;  // of the invocation; only the span of the invocation itself has it
  Attributes attributes;
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;

  friend bool operator==(const InnerSpan&, const InnerSpan&) = default;
};

// The attribute of a span that somebody wants to be kept whatever is sampled: Datadog's, who send a
// sampling priority of 2 for it; OpenTelemetry's users set it themselves.
inline constexpr std::string_view kManualKeep = "manual.keep";
bool is_kept_by_hand(const InnerSpan& span);

// The attribute of a span whose sender is not known to be the process that works on the call it
// belongs to: any process of the machine may send to the shared ports.
inline constexpr std::string_view kClaimed = "weft.claimed";

// One stored value: the spans of one execution that arrived together. Layout:
// docs/internals/store-format.md.
std::string encode_inner_spans(const std::vector<InnerSpan>& spans);
// Appends them to `spans`. kStorage when the bytes are damaged.
base::Result<void> decode_inner_spans(std::string_view bytes, std::vector<InnerSpan>& spans);

}  // namespace weft::trace
