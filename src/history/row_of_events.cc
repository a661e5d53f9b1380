#include "history/row_of_events.h"

#include <algorithm>

#include "history/outcome.h"

namespace weft::history {
namespace {

// A clock that jumped makes no sum wrap.
void add_clipped(uint32_t& sum, int64_t more) {
  sum += static_cast<uint32_t>(std::clamp<int64_t>(more, 0, UINT32_MAX - sum));
}

void begin_run(const Event& event, ChildRow& row) {
  row.start_ms = event.time_ms;
  row.duration_us = 0;
  row.status = ExecutionStatus::kRunning;
  row.error_group = 0;
  row.cold_start_us = row.queue_us = row.run_us = 0;
  row.output_bytes = 0;
}

}  // namespace

void RowOfEvents::add(const Event& event) {
  // Of an import the line with the start may be missing.
  if (row_.start_ms == 0) row_.start_ms = event.time_ms;
  path_.add(event);
  if (event.timing) {
    add_clipped(row_.cold_start_us, event.timing->init_us);
    add_clipped(row_.queue_us, event.timing->queued_us);
    add_clipped(row_.run_us, event.timing->run_us);
  }
  if (event.type == EventType::kWeftRetryScheduled) {
    ++retries_;
  } else if (event.type == EventType::kExecutionStarted) {
    row_.start_ms = event.time_ms;
    row_.input_bytes = static_cast<uint32_t>(event.text.size());
  } else if (event.type == EventType::kExecutionRedriven) {
    begin_run(event, row_);
    retries_ = 0;
    row_.redrives = static_cast<uint8_t>(
        std::min<int64_t>(kRowRedrivesMax, std::max<int64_t>(event.number, row_.redrives + 1)));
  } else if (is_terminal(event.type)) {
    row_.status = status_of(event.type);
    row_.duration_us = std::max<int64_t>(0, event.time_ms - row_.start_ms) * 1'000;
    row_.output_bytes = static_cast<uint32_t>(event.text.size());
    row_.error_group = event.error || event.cause
                           ? error_fingerprint(event.error.value_or(""), event.cause.value_or(""))
                           : 0;
  }
}

ChildRow RowOfEvents::row() const {
  ChildRow row = row_;
  row.retries = static_cast<uint16_t>(std::min<uint32_t>(retries_, UINT16_MAX));
  row.path = path_.value();
  return row;
}

}  // namespace weft::history
