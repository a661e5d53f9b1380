#pragma once

#include <string>
#include <string_view>

#include "trace/span.h"

namespace weft::trace {

// What the cause of a failure says to people and to tracing backends.
struct ErrorText {
  std::string message;
  std::string stack;  // a call a line; "" when the cause has none
};

// A function that throws answers {"errorType", "errorMessage"} and its stack: `trace` (Node.js) or
// `stackTrace` (all others; of Go objects with `path`, `line` and `label`). Any other cause is its
// own message. Source: AWS Lambda developer guide, "function errors" of each runtime.
ErrorText error_text(std::string_view cause);

// Calls `visit(key, value)` with the attributes that tell backends why a span failed: error.type,
// error.message, error.stack and, where it says more than these, error.cause.
// Spans that functions sent say it in their own words.
template <typename Visit>
void visit_error(const Span& span, const Visit& visit) {
  if (!span.error.empty()) visit("error.type", span.error);
  if (span.cause.empty()) return;
  if (span.kind == SpanKind::kInner) return visit("error.message", span.cause);
  const ErrorText text = error_text(span.cause);
  visit("error.message", text.message);
  if (!text.stack.empty()) visit("error.stack", text.stack);
  if (text.message != span.cause) visit("error.cause", span.cause);
}

}  // namespace weft::trace
