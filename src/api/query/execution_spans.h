#pragma once

#include <string>
#include <vector>

#include "api/query/question.h"
#include "trace/span.h"

namespace weft::api {

// One execution or child, with the spans that its own events and its functions make, but without
// the children of its Map Runs and without executions that its tasks started: those have ARNs of
// their own.
struct SpansOfExecution {
  std::string arn;
  bool final = false;              // nothing about it changes any more
  std::string note;                // what is missing; may be empty
  std::vector<trace::Span> spans;  // depth first; the first is the execution
};

// Of the parameter `arn`. `payloads`: states have their inputs and outputs as attributes, as they
// may be seen.
base::Result<SpansOfExecution> spans_of_execution(const Question& question, bool payloads);

// How the query API names a span: 16 hexadecimal digits; and back, kInvalidArgument for other
// texts.
std::string span_text(uint64_t id);
base::Result<uint64_t> parse_span(std::string_view name, std::string_view text);

// Places of the direct children of each span, by the place of the span; those of the first level
// come last.
std::vector<std::vector<size_t>> children_of_spans(const std::vector<trace::Span>& spans);

}  // namespace weft::api
