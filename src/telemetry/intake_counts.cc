#include "telemetry/intake_counts.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::telemetry {

IntakeCounts read(const IntakeCounters& counters) {
  IntakeCounts now;
#define WEFT_INTAKE_READ(member, json) now.member = counters.member;
  WEFT_INTAKE_COUNTS(WEFT_INTAKE_READ)
  WEFT_INTAKE_LOG_COUNTS(WEFT_INTAKE_READ)
#undef WEFT_INTAKE_READ
  return now;
}

std::string to_json(const IntakeCounts& counts) {
  std::string text = "{";
#define WEFT_INTAKE_WRITE(member, json) text += fmt::format("\"{}\":{},", json, counts.member);
  WEFT_INTAKE_COUNTS(WEFT_INTAKE_WRITE)
  text += "\"logLines\":{";
  WEFT_INTAKE_LOG_COUNTS(WEFT_INTAKE_WRITE)
#undef WEFT_INTAKE_WRITE
  text.back() = '}';
  return text + '}';
}

void add_metrics(const IntakeCounts& now, metrics::Registry& registry) {
  if (now.requests + now.printed_lines + now.metrics + now.metrics_refused == 0) return;
  const auto add = [&registry](std::string_view name, const char* outcome, uint64_t count) {
    registry.counter(name, {{"outcome", outcome}}) += count;
  };
  add("weft.telemetry.spans", "stored", now.stored);
  add("weft.telemetry.spans", "unknown", now.unknown);
  add("weft.telemetry.spans", "dropped", now.dropped);
  add("weft.telemetry.log_lines", "stored", now.log_lines_stored);
  add("weft.telemetry.log_lines", "cut", now.log_lines_cut);
  add("weft.telemetry.log_lines", "unknown", now.log_lines_unknown);
  add("weft.telemetry.log_lines", "dropped", now.log_lines_dropped);
  const auto add_orphans = [&registry](const char* what, uint64_t orphaned, uint64_t gave_way) {
    const auto of = [&](const char* reason) -> uint64_t& {
      return registry.counter("weft.telemetry.orphans", {{"reason", reason}, {"what", what}});
    };
    of("never_joined") += orphaned - std::min(orphaned, gave_way);
    of("held_full") += gave_way;
  };
  add_orphans("spans", now.orphaned, now.gave_way);
  add_orphans("log_lines", now.log_lines_orphaned, now.log_lines_gave_way);
  add("weft.telemetry.points", "taken", now.metrics);
  add("weft.telemetry.points", "refused", now.metrics_refused);
}

}  // namespace weft::telemetry
