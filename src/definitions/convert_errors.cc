#include "definitions/convert_errors.h"

#include <algorithm>
#include <array>

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

// A call of a converted function that refuses some values; nullptr when there is none in `node`.
const Node* refusing_call(const Node& node) {
  if (node.is_string() && node.text.starts_with("States.") &&
      (node.text.contains("States.StringToJson") || node.text.contains("States.ArrayLength")))
    return &node;
  for (const Node& item : node.items) {
    if (const Node* found = refusing_call(item)) return found;
  }
  return nullptr;
}

// The ResultPath of a state or of its catchers that puts something into its input.
const Node* placing_path(const Node& state) {
  const Node* path = state.find("ResultPath");
  if (path != nullptr && path->kind != Kind::kNull && path->text != "$") return path;
  const Node* catchers = state.find("Catch");
  if (catchers == nullptr) return nullptr;
  for (const Node& catcher : catchers->items) {
    if (const Node* found = placing_path(catcher)) return found;
  }
  return nullptr;
}

// A path to a number or a time, of which JSONPath refuses what is none with States.Runtime.
const Node* measuring_path(const Node& state) {
  constexpr std::array<std::string_view, 5> kPaths = {"SecondsPath", "TimestampPath",
                                                      "TimeoutSecondsPath", "HeartbeatSecondsPath",
                                                      "MaxConcurrencyPath"};
  for (const std::string_view name : kPaths) {
    if (const Node* path = state.find(name)) return path;
  }
  return nullptr;
}

const Node* find_call(const Node& state) {
  for (size_t i = 0; i < state.names.size(); ++i) {
    if (is_block(state.names[i].text)) continue;
    if (const Node* call = refusing_call(state.items[i])) return call;
  }
  return nullptr;
}

}  // namespace

bool is_block(std::string_view field) {
  return field == "ItemProcessor" || field == "Iterator" || field == "Branches";
}

void add_named_errors(const Node& state, std::set<std::string>& named) {
  for (const std::string_view field : {"Retry", "Catch"}) {
    const Node* handlers = state.find(field);
    if (handlers == nullptr) continue;
    for (const Node& handler : handlers->items) {
      const Node* errors = handler.find("ErrorEquals");
      if (errors == nullptr) continue;
      for (const Node& error : errors->items) named.insert(error.text);
    }
  }
}

std::optional<ExchangedError> exchanged_error(const Node& state,
                                              const std::set<std::string>& named) {
  const bool query = named.contains("States.QueryEvaluationError");
  // The wildcards take both errors here.
  if (const Node* call = find_call(state);
      call != nullptr && (query || named.contains("States.IntrinsicFailure"))) {
    return ExchangedError{
        call,
        "a Retry or Catch names States.IntrinsicFailure or States.QueryEvaluationError, which "
        "what its function refuses would exchange"};
  }
  if (const Node* place = placing_path(state);
      place != nullptr && (query || named.contains("States.ResultPathMatchFailure"))) {
    return ExchangedError{
        place,
        "a Retry or Catch names States.ResultPathMatchFailure or States.QueryEvaluationError, "
        "which a ResultPath that does not fit would exchange"};
  }
  // States.Runtime is taken by nothing but its own name.
  const bool told = query || named.contains("States.ALL") || named.contains("States.TaskFailed") ||
                    named.contains("States.Runtime");
  if (const Node* path = measuring_path(state); path != nullptr && told) {
    return ExchangedError{path,
                          "a Retry or Catch takes States.QueryEvaluationError, which a wrong "
                          "number or time would end with instead of States.Runtime"};
  }
  return std::nullopt;
}

}  // namespace weft::definitions
