#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "asl/compile.h"
#include "base/error.h"
#include "cli/definition_file.h"
#include "cli/flags.h"
#include "definitions/definition.h"
#include "terminal/terminal.h"

namespace weft::cli {

struct ValidateFlags {
  std::string file;                      // "-": standard input
  std::string resource;                  // of a template: this state machine only; "" = all
  std::vector<std::string> substitutes;  // NAME=VALUE or @FILE
  std::string type = "STANDARD";         // of the definition's machine, or EXPRESS; a template says
  RuntimeFlags runtime;                  // the functions that there are
  bool json = false;
};

// `weft validate FILE`: compiles the state machine definition in the file, or all of a template,
// and prints every finding to standard output, as a compiler does or as JSON. Returns the exit
// status: 0 no error, 1 errors or no such file. kInvalidArgument: a flag is wrong.
base::Result<int> validate_command(const ValidateFlags& flags);

// Whether a finding is an error.
bool is_error(const asl::Diagnostic& diagnostic);

// The findings of a definition about the files it was read from: of reading it, then of compiling
// it.
struct DefinitionFindings {
  std::vector<definitions::Located> all;
  bool valid = false;  // none is an error
  size_t errors = 0;   // that were found, listed or not (asl::kFindingsMax)
  size_t warnings = 0;
  Needs needs;  // what it asks for by name; nothing when it is not valid

  bool is_truncated() const { return errors + warnings > all.size(); }
};
// Where `functions` is given, calls of others by name are errors.
DefinitionFindings check_definition(const definitions::Definition& definition, bool express,
                                    const std::set<std::string>* functions = nullptr);

// Which functions are called and not among `given`, where nobody said which there are; "" when
// there are none.
std::string unchecked_functions_note(const Needs& needs, const std::set<std::string>& given);

// One of them for people: place, code, message and what was probably meant, then the source line,
// or what of it a terminal shows, with a caret. `file`: where it has no place.
std::string format_located(std::string_view file, const definitions::Located& finding,
                           const terminal::Terminal& terminal = {});
// A finding about a template, in the same form.
definitions::Located located(const definitions::Finding& finding);

// All of them for people, and how many there are.
std::string format_definition_findings(std::string_view file, const DefinitionFindings& findings,
                                       const terminal::Terminal& terminal = {});

// One finding as an object; with a `file` when that is not "".
std::string finding_json(const asl::Diagnostic& diagnostic, std::string_view file);

// The findings about `text` for people: one line each with place, code and message, the source line
// and a caret under the place; at the end how many there are.
std::string format_findings(std::string_view file, std::string_view text,
                            const std::vector<asl::Diagnostic>& diagnostics);

// The same as JSON: the answer of ValidateStateMachineDefinition, with `line` and `column` added to
// each finding.
std::string findings_json(const std::vector<asl::Diagnostic>& diagnostics, bool truncated = false);

}  // namespace weft::cli
