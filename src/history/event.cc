#include "history/event.h"

#include "base/check.h"

namespace weft::history {
namespace {

struct TypeRow {
  std::string_view name;
  std::string_view details;
};

constexpr TypeRow kTypes[] = {
#define WEFT_EVENT_ROW(name, details) {#name, details},
    WEFT_EVENT_TYPES(WEFT_EVENT_ROW)
#undef WEFT_EVENT_ROW
};
static_assert(std::size(kTypes) == kEventTypeCount);

const TypeRow& row(EventType type) {
  auto index = static_cast<size_t>(type);
  WEFT_CHECK(index < kEventTypeCount);
  return kTypes[index];
}

}  // namespace

std::string_view to_string(EventType type) { return row(type).name; }

std::string_view details_member(EventType type) { return row(type).details; }

bool is_internal(EventType type) {
  return type == EventType::kWeftRetryScheduled || type == EventType::kWeftWaitScheduled;
}

bool is_state_entered(EventType type) { return details_member(type) == "stateEnteredEventDetails"; }

bool is_state_exited(EventType type) { return details_member(type) == "stateExitedEventDetails"; }

bool is_failed_attempt(EventType type) {
  switch (type) {
    case EventType::kTaskFailed:
    case EventType::kTaskTimedOut:
    case EventType::kTaskStartFailed:
    case EventType::kTaskSubmitFailed:
    case EventType::kLambdaFunctionFailed:
    case EventType::kLambdaFunctionTimedOut:
    case EventType::kLambdaFunctionScheduleFailed:
    case EventType::kLambdaFunctionStartFailed:
    case EventType::kActivityFailed:
    case EventType::kActivityTimedOut:
    case EventType::kActivityScheduleFailed:
      return true;
    default:
      return false;
  }
}

bool is_terminal(EventType type) {
  return type == EventType::kExecutionSucceeded || type == EventType::kExecutionFailed ||
         type == EventType::kExecutionAborted || type == EventType::kExecutionTimedOut;
}

}  // namespace weft::history
