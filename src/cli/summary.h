#pragma once

#include <string>

#include "reading/run_summary.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

// The message in the error object of a function, else the cause as it is.
std::string readable_cause(const std::string& cause);

// For people; ends with the command that draws the trace.
std::string summary_text(const reading::RunSummary& summary, const terminal::Terminal& terminal,
                         const std::string& data_directory);
// For programs; members are documented in docs/reference/cli.md.
std::string summary_json(const reading::RunSummary& summary, const std::string& data_directory);

}  // namespace weft::cli
