#pragma once

#include <string>
#include <string_view>

// Internal to src/asl: the texts with which a definition hands its trace on, in the forms that
// Datadog's libraries read (spec: datadog.md sections 1.3 and 2.4).

namespace weft::asl {

// A text as a JSON string, with its quotes.
std::string quoted(std::string_view text);

// ---- JSONPath

// The parts of the context object that identify a state visit, as one object.
inline constexpr std::string_view kContextPath = "$$['Execution', 'State', 'StateMachine']";
// The same, with the state's input over it.
inline constexpr std::string_view kMergedInput = "States.JsonMerge($$, $, false)";
// The message attribute `_datadog` with the same as JSON text, as JSON.
std::string path_attribute();

// ---- JSONata

// What an expression makes.
enum class Made {
  kCaller,     // which state visit calls, and whose trace it is
  kBatch,      // the same of a Distributed Map's children, which have no state that calls them
  kAttribute,  // a message attribute with the first as JSON text
};

// What `made` comes to, as JSON: an expression, or an object with one.
std::string traced(Made made);
// `expression`, and where it yields an object, `_datadog` in it, as JSON. Message attributes are
// left alone where they would become more than kAttributesMax.
std::string with_trace(std::string_view expression, Made made);

// A message to a queue has no more attributes (AWS: "Amazon SQS message metadata"); SNS drops
// messages to queues that have more, when it hands them on raw.
inline constexpr size_t kAttributesMax = 10;

}  // namespace weft::asl
