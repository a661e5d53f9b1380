#pragma once

#include <string>
#include <string_view>

#include "history/event.h"

namespace weft::history {

// Appends `event` as one JSON object of GetExecutionHistory's `events` (AWS API reference,
// HistoryEvent): timestamp in Unix seconds with milliseconds, type, id, previousEventId, details.
// Without execution data the payloads (input, output, parameters, assigned variables and their
// ...Details) are left out. `region` is shown by TaskScheduled. The event must not be internal:
// clients never see those.
void append_history_event(const Event& event, bool include_execution_data, std::string& out,
                          std::string_view region = "us-east-1");

// Appends only the details object of `event`, `{}` when its type has none: what the CloudWatch Logs
// format carries as `details`.
// Of a payload longer than `payload_bytes`, as it is written, the beginning stays and `truncated`
// is true.
void append_event_details(const Event& event, bool include_execution_data, std::string& out,
                          std::string_view region = "us-east-1", size_t payload_bytes = SIZE_MAX);

}  // namespace weft::history
