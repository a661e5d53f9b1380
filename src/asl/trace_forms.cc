#include "asl/trace_forms.h"

#include <fmt/format.h>

#include "asl/text_edits.h"

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

// Ids are hashes of texts with the highest bit cleared; those of a traced function that started the
// execution come in decimal (docs/internals/trace.md).
constexpr std::string_view kIds =
    "$half := function($text, $from) {($hex := $substring($hash($text, 'SHA-256'), $from, 16); "
    "$substring('0123456701234567', $length($substringBefore('0123456789abcdef', "
    "$substring($hex, 0, 1))), 1) & $substring($hex, 1))}; "
    "$hex := function($decimal) {$join($map($reduce($split($decimal, ''), "
    "function($limbs, $digit) {($d := 10 * $limbs[3] + $number($digit); "
    "$c := 10 * $limbs[2] + $floor($d / 65536); $b := 10 * $limbs[1] + $floor($c / 65536); "
    "$a := 10 * $limbs[0] + $floor($b / 65536); "
    "[$a % 65536, $b % 65536, $c % 65536, $d % 65536])}, [0, 0, 0, 0]), "
    "function($limb) {$pad($formatBase($limb, 16), -4, '0')}))}; "
    "$trace := $exists($root.RootExecutionId) "
    "? $half($root.RootExecutionId, 0) & $half($root.RootExecutionId, 16) "
    ": $pad($substringBefore($substringAfter($root.`x-datadog-tags` & ',_dd.p.tid=0,', "
    "'_dd.p.tid='), ','), -16, '0') & $hex($root.`x-datadog-trace-id`); "
    "$state := $states.context.State; $retries := $sum([$state.RetryCount]); "
    "$redrives := $sum([$execution.RedriveCount]); "
    "$span := $half($join([$execution.Id, $state.Name, $state.EnteredTime], '#') & "
    "($retries + $redrives > 0 ? '#' & $retries & '#' & $redrives : ''), 0); ";
constexpr std::string_view kTraceparent = "'00-' & $trace & '-' & $span & '-01'";

// Only what the documentation of the intrinsic functions shows: paths to members, nested calls and
// escaped braces.
constexpr std::string_view kContextText =
    R"(States.Format('\{"Execution":{},"State":{},"StateMachine":{}\}', )"
    "States.JsonToString($$.Execution), States.JsonToString($$.State), "
    "States.JsonToString($$.StateMachine))";

// What stands before the value.
std::string bindings(Made made) {
  return std::string(kRoot) + std::string(member_of(made) == "traceparent" ? kIds : "");
}

// The value, without what is around it.
std::string value(Made made) {
  switch (made) {
    case Made::kCaller:
      return std::string(kCaller);
    case Made::kBatch:
      return std::string(kBatch);
    case Made::kAttribute:
      return fmt::format("$string({})", kCaller);
    case Made::kHeader:
    case Made::kHeaderValues:
      break;
  }
  return std::string(kTraceparent);
}

}  // namespace

std::string path_attribute() {
  return fmt::format(R"({{"DataType": "String", "StringValue.$": {}}})", quoted(kContextText));
}

std::string_view member_of(Made made) {
  return made == Made::kHeader || made == Made::kHeaderValues ? "traceparent" : "_datadog";
}

std::string traced(Made made) {
  const std::string expression = quoted(fmt::format("{{% ({}{}) %}}", bindings(made), value(made)));
  if (made == Made::kHeaderValues) return fmt::format("[{}]", expression);
  if (made != Made::kAttribute) return expression;
  return fmt::format(R"({{"DataType": "String", "StringValue": {}}})", expression);
}

std::string with_trace(std::string_view expression, Made made) {
  std::string member = value(made);
  if (made == Made::kHeaderValues) member = fmt::format("[{}]", member);
  if (made == Made::kAttribute) {
    member = fmt::format("{{'DataType': 'String', 'StringValue': {}}}", member);
  }
  std::string merged = fmt::format("$merge([$value, {{'{}': {}}}])", member_of(made), member);
  if (made == Made::kAttribute) {
    merged = fmt::format("($traced := {}; $count($keys($traced)) <= {} ? $traced : $value)", merged,
                         kAttributesMax);
  }
  return quoted(fmt::format("{{% ($value := ({}); {}$type($value) = 'object' ? {} : $value) %}}",
                            expression, bindings(made), merged));
}

}  // namespace weft::asl
