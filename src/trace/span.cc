#include "trace/span.h"

namespace weft::trace {

std::string_view to_string(SpanKind kind) {
  constexpr std::string_view kNames[] = {
      "execution", "child",      "state",  "attempt",    "iteration",  "branch", "map_run",
      "queue",     "cold_start", "lambda", "retry_wait", "token_wait", "inner",  "group"};
  return kNames[static_cast<size_t>(kind)];
}

bool is_error(history::ExecutionStatus status) {
  return status == history::ExecutionStatus::kFailed ||
         status == history::ExecutionStatus::kTimedOut;
}

std::string_view Span::attribute(std::string_view key) const {
  for (const auto& [known, value] : attributes) {
    if (known == key) return value;
  }
  return {};
}

double Span::number(std::string_view key) const {
  for (const auto& [known, value] : numbers) {
    if (known == key) return value;
  }
  return 0;
}

}  // namespace weft::trace
