#include "asl/trace_forms.h"

#include <fmt/format.h>

#include "json/write.h"

namespace weft::asl {
namespace {

// Whose trace this is. A context that came with the input (of a batch: with BatchInput) goes on;
// else the execution is the root.
constexpr std::string_view kRoot =
    "$execution := $states.context.Execution; "
    "$given := [$execution.Input.BatchInput._datadog, $execution.Input._datadog][0]; "
    "$root := $exists($given.`x-datadog-trace-id`) "
    "? $sift($given, function($value, $key) { $key in ['x-datadog-trace-id', 'x-datadog-tags'] }) "
    ": {'RootExecutionId': $exists($given.RootExecutionId) ? $given.RootExecutionId : "
    "$execution.Id}; ";
constexpr std::string_view kCaller =
    "$merge([{'Execution': $sift($execution, function($value, $key) { $key != 'Input' }), "
    "'State': $states.context.State, 'StateMachine': $states.context.StateMachine, "
    "'serverless-version': 'v1'}, $root])";
constexpr std::string_view kBatch =
    "$merge([{'serverless-version': 'v1', 'timestamp': $millis()}, $root])";

// Only what the documentation of the intrinsic functions shows: paths to members, nested calls and
// escaped braces.
constexpr std::string_view kContextText =
    R"(States.Format('\{"Execution":{},"State":{},"StateMachine":{}\}', )"
    "States.JsonToString($$.Execution), States.JsonToString($$.State), "
    "States.JsonToString($$.StateMachine))";

}  // namespace

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string path_attribute() {
  return fmt::format(R"({{"DataType": "String", "StringValue.$": {}}})", quoted(kContextText));
}

std::string traced(Made made) {
  if (made == Made::kAttribute) {
    return fmt::format(R"({{"DataType": "String", "StringValue": {}}})",
                       quoted(fmt::format("{{% ({}$string({})) %}}", kRoot, kCaller)));
  }
  return quoted(fmt::format("{{% ({}{}) %}}", kRoot, made == Made::kBatch ? kBatch : kCaller));
}

std::string with_trace(std::string_view expression, Made made) {
  if (made == Made::kAttribute) {
    return quoted(
        fmt::format("{{% ($value := ({}); {}$type($value) = 'object' ? ($traced := $merge([$value, "
                    "{{'_datadog': {{'DataType': 'String', 'StringValue': $string({})}}}}]); "
                    "$count($keys($traced)) <= {} ? $traced : $value) : $value) %}}",
                    expression, kRoot, kCaller, kAttributesMax));
  }
  return quoted(fmt::format(
      "{{% ($value := ({}); {}$type($value) = 'object' ? $merge([$value, {{'_datadog': {}}}]) : "
      "$value) %}}",
      expression, kRoot, made == Made::kBatch ? kBatch : kCaller));
}

}  // namespace weft::asl
