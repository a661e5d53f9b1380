#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "asl/program.h"
#include "base/error.h"
#include "base/text.h"

namespace weft::asl {

// One finding about a definition, in the words of ValidateStateMachineDefinition, plus where it
// stands in the text.
struct Diagnostic {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kError;
  // AWS's codes: "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", "DUPLICATE_STATE_NAME"
  // ... and one of our own, "UNSUPPORTED_FEATURE": AWS would accept the definition, this program
  // cannot run it yet.
  std::string code;
  std::string message;   // without " at /..."
  std::string location;  // "/States/X/Next", "/" for the root, empty when there is none
  size_t line = 0;       // 1-based; 0 when unknown
  size_t column = 0;     // 1-based, in characters
};

// As many as ValidateStateMachineDefinition answers: what a text costs is in proportion to its
// length, whatever is wrong with it.
inline constexpr size_t kFindingsMax = 100;

struct CompileResult {
  std::shared_ptr<const Program> program;  // null when any diagnostic is an error
  std::vector<Diagnostic>
      diagnostics;    // in order of appearance, of each severity kFindingsMax at most
  size_t errors = 0;  // all that were found, listed or not
  size_t warnings = 0;
};

// Why a function cannot be called, as a sentence, and the name that was probably meant.
struct FunctionProblem {
  std::string message;  // "": it can
  std::string meant;    // "": none is near
};

struct CompileOptions {
  bool express = false;  // the machine's type: some integrations are not legal there
  // The definition was accepted before, maybe by a version that could run other tasks; it still is.
  bool stored = false;
  // Why this program cannot run a task's resource, as a sentence; "" of those it can. Null: all are
  // taken, as by AWS.
  std::string (*unavailable)(const TaskResource& resource) = nullptr;
  // Asked about the functions that tasks call by a literal name or ARN; an answer is the error
  // FUNCTION_NOT_GIVEN. Null: all are taken.
  std::function<FunctionProblem(std::string_view called)> function_problem;
};

// Parses and validates `definition`. Pure; never throws; reports every finding, not only the first.
CompileResult compile(base::Text definition, const CompileOptions& options = {});

// The errors as CreateStateMachine words them: "Invalid State Machine Definition: 'CODE: message at
// /pointer, ...'".
base::Error invalid_definition(const std::vector<Diagnostic>& diagnostics);

// Which variables each state reads (`variableReferences` of DescribeStateMachine): state name to
// variable names without $, sorted. States that read none are left out.
std::map<std::string, std::vector<std::string>> variable_references(const Program& program);

// The definition DescribeStateMachineForExecution shows for a child of the Distributed Map
// `map_state`: its processor without `ProcessorConfig`, with the machine's query language when that
// is JSONata; compact JSON.
std::string processor_definition(const Program& program, StateId map_state);

}  // namespace weft::asl
