#include "history/aws_json.h"

#include <fmt/format.h>

#include "base/check.h"
#include "json/write.h"

namespace weft::history {
namespace {

// Writes the members of one details object; knows where commas go.
class EventDetails {
 public:
  EventDetails(const Event& event, bool with_data, std::string& out, size_t payload_bytes)
      : event_(event), with_data_(with_data), payload_bytes_(payload_bytes), out_(out) {}

  void text(std::string_view member, std::string_view value) {
    key(member);
    json::write_string(value, out_);
  }
  void text_unless_empty(std::string_view member, std::string_view value) {
    if (!value.empty()) text(member, value);
  }
  void number(std::string_view member, int64_t value) {
    key(member);
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  // `input` with `inputDetails`, `output` with `outputDetails`.
  void payload(std::string_view member) {
    if (!with_data_ || event_.text.is_null()) return;
    key(member);
    const size_t before = out_.size();
    json::write_string(event_.text.view(), out_);
    const size_t written = out_.size() - before - 2;  // without its quotes
    const bool cut = written > payload_bytes_ && cut_string(before);
    fmt::format_to(std::back_inserter(out_), R"(,"{}Details":{{"truncated":{}}})", member, cut);
  }
  void parameters() {
    if (with_data_ && !event_.text.is_null()) text("parameters", event_.text.view());
  }
  void failure() {
    if (event_.error) text("error", *event_.error);
    if (event_.cause) text("cause", *event_.cause);
  }
  void timeouts() {
    if (event_.timeout_seconds) number("timeoutInSeconds", *event_.timeout_seconds);
    if (event_.heartbeat_seconds) number("heartbeatInSeconds", *event_.heartbeat_seconds);
  }
  void task() {
    text("resourceType", event_.resource_type);
    text("resource", event_.resource);
  }
  void assigned_variables() {
    if (!with_data_ || event_.variables.empty()) return;
    key("assignedVariables");
    out_ += '{';
    for (size_t i = 0; i < event_.variables.size(); ++i) {
      if (i > 0) out_ += ',';
      json::write_string(event_.variables[i].first, out_);
      out_ += ':';
      json::write_string(event_.variables[i].second.view(), out_);
    }
    out_ += R"(},"assignedVariablesDetails":{"truncated":false})";
  }

 private:
  void key(std::string_view member) {
    if (out_.back() != '{') out_ += ',';
    json::write_string(member, out_);
    out_ += ':';
  }

  // Leaves so much of the string that begins there as may stay: whole characters and escapes.
  bool cut_string(size_t begin) {
    size_t end = begin + 1;  // behind its quote
    for (size_t next = end; next + 1 < out_.size() && next - begin - 1 <= payload_bytes_;) {
      end = next;
      if (out_[next] == '\\') {
        next += out_[next + 1] == 'u' ? 6 : 2;
        continue;
      }
      ++next;
      while ((static_cast<unsigned char>(out_[next]) & 0xC0) == 0x80) ++next;
    }
    out_.resize(end);
    out_ += '"';
    return true;
  }

  const Event& event_;
  bool with_data_;
  size_t payload_bytes_;
  std::string& out_;
};

void append_execution_details(const Event& event, EventDetails& details) {
  switch (event.type) {
    case EventType::kExecutionStarted:
      details.payload("input");
      details.text("roleArn", event.resource);
      break;
    case EventType::kExecutionSucceeded:
      details.payload("output");
      break;
    case EventType::kExecutionRedriven:
      details.number("redriveCount", event.number);
      break;
    default:
      details.failure();
      break;  // ExecutionFailed, ExecutionAborted, ExecutionTimedOut
  }
}

void append_map_details(const Event& event, EventDetails& details) {
  switch (event.type) {
    case EventType::kMapStateStarted:
      details.number("length", event.number);
      break;
    case EventType::kMapRunStarted:
      details.text("mapRunArn", event.name);
      break;
    case EventType::kMapRunFailed:
      details.failure();
      break;
    case EventType::kMapRunRedriven:
      details.text("mapRunArn", event.name);
      details.number("redriveCount", event.number);
      break;
    default:  // MapIterationStarted, -Succeeded, -Failed, -Aborted
      details.text("name", event.name);
      details.number("index", event.number);
      break;
  }
}

void append_work_details(const Event& event, std::string_view region, EventDetails& details) {
  switch (event.type) {
    case EventType::kTaskScheduled:
      details.task();
      details.text("region", region);
      details.parameters();
      details.timeouts();
      break;
    case EventType::kTaskStarted:
      details.task();
      break;
    case EventType::kTaskSubmitted:
    case EventType::kTaskSucceeded:
      details.task();
      details.payload("output");
      break;
    case EventType::kTaskStartFailed:
    case EventType::kTaskSubmitFailed:
    case EventType::kTaskFailed:
    case EventType::kTaskTimedOut:
      details.task();
      details.failure();
      break;
    case EventType::kLambdaFunctionScheduled:
    case EventType::kActivityScheduled:
      details.text("resource", event.resource);
      details.payload("input");
      details.timeouts();
      break;
    case EventType::kLambdaFunctionSucceeded:
    case EventType::kActivitySucceeded:
      details.payload("output");
      break;
    case EventType::kActivityStarted:
      details.text_unless_empty("workerName", event.name);
      break;
    case EventType::kEvaluationFailed:
      details.failure();
      details.text_unless_empty("location", event.resource_type);
      details.text("state", event.name);
      break;
    default:
      details.failure();
      break;  // failures of Lambda functions and activities
  }
}

void append_details(const Event& event, std::string_view region, EventDetails& details) {
  if (is_state_entered(event.type)) {
    details.text("name", event.name);
    details.payload("input");
  } else if (is_state_exited(event.type)) {
    details.text("name", event.name);
    details.payload("output");
    details.assigned_variables();
  } else if (event.type <= EventType::kExecutionRedriven) {
    append_execution_details(event, details);
  } else if (event.type >= EventType::kMapStateStarted &&
             event.type <= EventType::kMapRunRedriven) {
    append_map_details(event, details);
  } else {
    append_work_details(event, region, details);
  }
}

}  // namespace

void append_history_event(const Event& event, bool include_execution_data, std::string& out,
                          std::string_view region) {
  WEFT_CHECK(!is_internal(event.type));
  fmt::format_to(std::back_inserter(out),
                 R"({{"timestamp":{}.{:03},"type":"{}","id":{},"previousEventId":{})",
                 event.time_ms / 1000, event.time_ms % 1000, to_string(event.type), event.id,
                 event.previous_id);
  if (std::string_view member = details_member(event.type); !member.empty()) {
    out += ',';
    json::write_string(member, out);
    out += ':';
    append_event_details(event, include_execution_data, out, region);
  }
  out += '}';
}

void append_event_details(const Event& event, bool include_execution_data, std::string& out,
                          std::string_view region, size_t payload_bytes) {
  WEFT_CHECK(!is_internal(event.type));
  out += '{';
  if (!details_member(event.type).empty()) {
    EventDetails details(event, include_execution_data, out, payload_bytes);
    append_details(event, region, details);
  }
  out += '}';
}

}  // namespace weft::history
