#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "trace/redact.h"
#include "trace/source.h"

namespace weft::terminal {

// How to draw: what the terminal is like and how much is unfolded.
struct WaterfallOptions {
  size_t width = 100;       // columns, at least 60
  bool color = false;       // ANSI colours
  size_t slowest = 5;       // children expanded because they took longest
  size_t error_groups = 5;  // ... and one of each of the most frequent errors
  bool whole_text = false;  // lines of text are not cut: nobody looks at them on a terminal
  std::string_view where;   // behind commands that are named: " --data x"
  const trace::Redactor* payloads =
      nullptr;  // when set, the execution's input and output are shown
};

// Draws a trace for a terminal: the states of the execution over time; each Map Run's children as
// one grouped row with its counts, percentiles and a strip of how many ran; below it the slowest
// children and one of each error, from their own start, with their states and function calls
// (queue, cold start, run). Lines end in "\n" and stay within the width. Errors: from fetching a
// child.
base::Result<std::string> render_waterfall(const trace::TraceSource& source,
                                           const WaterfallOptions& options);

}  // namespace weft::terminal
