#pragma once

#include <string>
#include <string_view>

// Internal to src/asl: the texts with which a definition hands its trace on, in the forms that
// Datadog's libraries read (docs/internals/telemetry.md).

namespace weft::asl {

// ---- JSONPath

// The parts of the context object that identify a state visit, as one object.
inline constexpr std::string_view kContextPath = "$$['Execution', 'State', 'StateMachine']";
// The same, with the state's input over it.
inline constexpr std::string_view kMergedInput = "States.JsonMerge($$, $, false)";
// The message attribute `_datadog` with the same as JSON text, as JSON.
std::string path_attribute();

// ---- JSONata

// What hands the trace on: a member of what is sent.
enum class Made {
  kCaller,        // `_datadog`: which state visit calls, and whose trace it is
  kBatch,         // the same for a Distributed Map's children, which have no state that calls them
  kAttribute,     // `_datadog`: a message attribute with the first as JSON text
  kHeader,        // `traceparent` (W3C), with the ids that the libraries make of the first
  kHeaderValues,  // the same as a list of one, as API Gateway's integration wants headers
};

// The name of the member.
std::string_view member_of(Made made);
// Its value, as JSON: an expression, or what holds one.
std::string traced(Made made);
// `expression`, with the member where it yields an object, as JSON. Message attributes are left
// alone where they would become more than kAttributesMax.
std::string with_trace(std::string_view expression, Made made);

// A message to a queue has no more attributes (AWS: "Amazon SQS message metadata"); SNS drops
// messages to queues that have more, when it hands them on raw.
inline constexpr size_t kAttributesMax = 10;

}  // namespace weft::asl
