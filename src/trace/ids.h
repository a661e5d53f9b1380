#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Trace and span ids, derived from what they name, so that Weft, imported logs and Datadog's
// function libraries agree without talking (docs/internals/trace.md).

namespace weft::trace {

struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;
  // 32 lower-case hex digits, as W3C and OTLP write it.
  std::string hex() const;
  friend bool operator==(const TraceId&, const TraceId&) = default;
};

// 16 lower-case hex digits.
std::string hex_of(uint64_t span_id);

// First (`high`) and second (`low`) eight bytes of SHA-256, bit 63 cleared, never 0.
uint64_t high_hash(std::string_view text);
uint64_t low_hash(std::string_view text);

// The trace an execution belongs to when it is the root: nobody upstream gave it a trace.
TraceId trace_of_root(std::string_view execution_arn);
inline uint64_t span_of_execution(std::string_view execution_arn) {
  return high_hash(execution_arn);
}

// The id that whatever a state invokes takes as its parent. `entered_time` is the text of
// State.EnteredTime in the context object.
uint64_t span_of_attempt(std::string_view execution_arn, std::string_view state_name,
                         std::string_view entered_time, uint32_t retry_count,
                         uint32_t redrive_count);

}  // namespace weft::trace
