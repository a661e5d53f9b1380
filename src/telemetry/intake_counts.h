#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "metrics/registry.h"

namespace weft::telemetry {

// What came in and where it went, since the start: X(member, its name in JSON). Spans: received =
// stored + dropped + unknown; those that wait for their parents are not counted yet. Log records as
// well.
#define WEFT_INTAKE_COUNTS(X)                                                                     \
  X(requests, "requests")                                                                         \
  X(refused, "refused") /* requests that were malformed or too large */                           \
  X(spans, "spans")                                                                               \
  X(stored, "stored")                                                                             \
  X(orphaned, "orphaned")              /* of the stored ones: only their trace was recognised */  \
  X(gave_way, "gaveWay")               /* of the orphaned ones: more waited than kHeldSpansMax */ \
  X(unknown, "unknown")                /* of nothing that runs here */                            \
  X(dropped, "dropped")                /* the store was behind */                                 \
  X(metrics, "metrics")                /* points */                                               \
  X(metrics_refused, "metricsRefused") /* malformed, beyond a bound, or summaries of OTLP */      \
  X(log_records, "logRecords")         /* sent by OTLP */                                         \
  X(printed_lines, "printedLines")     /* as far as looked at: those of no known call, too */
// The same of log lines, sent and printed.
#define WEFT_INTAKE_LOG_COUNTS(X)                                                             \
  X(log_lines_stored, "stored")                                                               \
  X(log_lines_orphaned, "orphaned") /* of the stored ones: only their trace was recognised */ \
  X(log_lines_gave_way, "gaveWay")  /* of the orphaned ones: more than kHeldLogRecordsMax */  \
  X(log_lines_cut, "cut")           /* beyond the bytes of their call (kCallLogBytesMax) */   \
  X(log_lines_unknown, "unknown")   /* of nothing that runs here */                           \
  X(log_lines_dropped, "dropped")   /* the store was behind */

#define WEFT_INTAKE_COUNT(member, json) T member{0};
template <typename T>
struct IntakeCountsOf {
  WEFT_INTAKE_COUNTS(WEFT_INTAKE_COUNT)
  WEFT_INTAKE_LOG_COUNTS(WEFT_INTAKE_COUNT)
};
#undef WEFT_INTAKE_COUNT

using IntakeCounts = IntakeCountsOf<uint64_t>;
using IntakeCounters = IntakeCountsOf<std::atomic<uint64_t>>;  // any thread

// Each as of some moment of the call.
IntakeCounts read(const IntakeCounters& counters);
// {"requests":..,"spans":..,..,"logLines":{"stored":..}}
std::string to_json(const IntakeCounts& counts);
// As weft.telemetry.*; nothing while nothing came in.
void add_metrics(const IntakeCounts& counts, metrics::Registry& registry);

}  // namespace weft::telemetry
