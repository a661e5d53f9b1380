#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "asl/compile.h"

namespace weft::cli {

// `weft validate FILE`: compiles the state machine definition in `file` ("-": standard input) and
// prints every finding to standard output, as a compiler does or (`json`) as JSON. Returns the exit
// status: 0 no error, 1 errors or no such file.
int validate_command(const std::string& file, bool json);

// The findings about `text` for people: one line each with place, code and message, the source line
// and a caret under the place; at the end how many there are.
std::string format_findings(std::string_view file, std::string_view text,
                            const std::vector<asl::Diagnostic>& diagnostics);

// The same as JSON: the answer of ValidateStateMachineDefinition, with `line` and `column` added to
// each finding.
std::string findings_json(const std::vector<asl::Diagnostic>& diagnostics);

}  // namespace weft::cli
