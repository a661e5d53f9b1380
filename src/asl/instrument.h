#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace weft::asl {

// Something about a state that the edits do not show.
struct InstrumentNote {
  std::string location;  // JSON pointer of the state
  size_t line = 1;
  // True: it carries no trace and could not be edited. False: it does already, or its edit hands on
  // more than the trace.
  bool refused = false;
  std::string message;
};

struct Instrumented {
  std::string text;  // the definition, edited
  size_t edits = 0;  // places
  std::vector<InstrumentNote> notes;
};

// Edits a definition so that on AWS the functions and executions it starts join its trace, also by
// messages, events and HTTP calls, in the forms that Datadog's libraries read
// (docs/internals/telemetry.md): in JSONPath states the context object beside the payload, in
// JSONata states `_datadog` with the identity of the execution, also in Map and Parallel states,
// and in the BatchInput of Distributed Maps. Weft itself needs none of it. All else keeps its
// bytes. Editing twice changes nothing more. kInvalidJson when the text is no JSON object.
base::Result<Instrumented> instrument(std::string_view definition);

}  // namespace weft::asl
