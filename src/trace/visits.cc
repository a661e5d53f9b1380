#include "trace/visits.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <ranges>
#include <string>
#include <utility>

#include "base/time.h"

namespace weft::trace {

using history::ExecutionStatus;

namespace {

// Whether a redrive goes on in it with a state that was entered before: it begins later than that.
bool goes_on(const Span& span, std::string_view entered) {
  return !entered.empty() && entered != base::format_iso_ms(span.start_us / 1'000);
}

bool is_open_to_redrive(const Visit& visit) {
  return visit.last().status != ExecutionStatus::kSucceeded &&
         visit.last().attribute("error.caught").empty();
}

}  // namespace

VisitOutcome Visit::outcome() const {
  const Span& span = last();
  if (span.status == ExecutionStatus::kRunning) return VisitOutcome::kRunning;
  if (!span.attribute("error.caught").empty()) return VisitOutcome::kCaught;
  if (span.failed()) return VisitOutcome::kFailed;
  return span.status == ExecutionStatus::kSucceeded ? VisitOutcome::kSucceeded
                                                    : VisitOutcome::kAborted;
}

int64_t Visit::duration_us() const {
  int64_t sum = 0;
  for (const Span* span : spans) sum += span->duration_us;
  return sum;
}

uint64_t Visit::retries() const {
  uint64_t sum = 0;
  for (const Span* span : spans) {
    uint64_t retries = 0;
    const std::string_view count = span->attribute("retry_count");
    std::from_chars(count.data(), count.data() + count.size(), retries);
    sum += retries;
  }
  return sum;
}

std::string_view Visit::attribute(std::string_view key) const {
  for (const Span* span : std::views::reverse(spans)) {
    if (const std::string_view value = span->attribute(key); !value.empty()) return value;
  }
  return "";
}

std::vector<Visit> state_visits(const std::vector<Span>& spans) {
  std::vector<Visit> visits;
  // By name and time of entering, which iterations may share.
  std::multimap<std::pair<std::string_view, std::string_view>, size_t> entered;
  for (const Span& span : spans) {
    if (span.kind != SpanKind::kState) continue;
    const std::pair<std::string_view, std::string_view> key{span.name,
                                                            span.attribute("state_entered_time")};
    if (goes_on(span, key.second)) {
      const auto [from, to] = entered.equal_range(key);
      const auto before = std::find_if(from, to, [&](const auto& one) {
        const Visit& visit = visits[one.second];
        return is_open_to_redrive(visit) && visit.last().end_us() <= span.start_us;
      });
      if (before != to) {
        visits[before->second].spans.push_back(&span);
        continue;
      }
    }
    entered.emplace(key, visits.size());
    visits.push_back({.spans = {&span}});
  }
  return visits;
}

}  // namespace weft::trace
