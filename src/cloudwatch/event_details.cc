#include "cloudwatch/event_details.h"

#include <charconv>
#include <string>
#include <unordered_map>

#include "json/write.h"

namespace weft::cloudwatch {
namespace {

using history::Event;
using history::EventType;
using json::Value;

void read_text(Value details, std::string_view member, base::Text& out) {
  const Value value = details.find(member);
  if (value.is_string()) {
    out = base::Text(value.as_string());
  } else if (!value.is_undefined() && !value.is_null()) {
    out = base::Text(json::to_text(value));
  }
}

void read_string(Value details, std::string_view member, std::string& out) {
  if (const Value value = details.find(member); value.is_string()) out = value.as_string();
}

void read_string(Value details, std::string_view member, std::optional<std::string>& out) {
  if (const Value value = details.find(member); value.is_string()) out = value.as_string();
}

void read_number(Value details, std::string_view member, int64_t& out) {
  if (const auto number = whole_number(details.find(member))) out = *number;
}

bool is_cut(Value details, std::string_view member) {
  return details.find(member).find("truncated").as_bool();
}

}  // namespace

std::optional<EventType> parse_event_type(std::string_view name) {
  static const auto* const kTypes = [] {
    auto* types = new std::unordered_map<std::string_view, EventType>();
    for (size_t i = 0; i < history::kEventTypeCount; ++i) {
      const auto type = static_cast<EventType>(i);
      if (!history::is_internal(type)) types->emplace(history::to_string(type), type);
    }
    return types;
  }();
  const auto found = kTypes->find(name);
  if (found == kTypes->end()) return std::nullopt;
  return found->second;
}

std::optional<int64_t> whole_number(Value value) {
  if (value.is_number()) return value.as_int();
  const std::string_view text = value.as_string();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// No two details objects use one name for different things, so one reader serves all types.
bool read_details(Value details, Event& event) {
  for (const char* member : {"input", "output", "parameters"}) {
    read_text(details, member, event.text);
  }
  for (const char* member : {"name", "mapRunArn", "workerName", "state"}) {
    read_string(details, member, event.name);
  }
  for (const char* member : {"resource", "roleArn"}) read_string(details, member, event.resource);
  for (const char* member : {"resourceType", "location"}) {
    read_string(details, member, event.resource_type);
  }
  for (const char* member : {"length", "index", "redriveCount"}) {
    read_number(details, member, event.number);
  }
  read_string(details, "error", event.error);
  read_string(details, "cause", event.cause);
  event.timeout_seconds = whole_number(details.find("timeoutInSeconds"));
  event.heartbeat_seconds = whole_number(details.find("heartbeatInSeconds"));
  const Value variables = details.find("assignedVariables");
  if (variables.is_object()) {
    for (size_t i = 0; i < variables.size(); ++i) {
      base::Text text;
      read_text(variables, variables.key(i), text);
      event.variables.emplace_back(variables.key(i), std::move(text));
    }
  }
  return is_cut(details, "inputDetails") || is_cut(details, "outputDetails") ||
         is_cut(details, "assignedVariablesDetails");
}

}  // namespace weft::cloudwatch
