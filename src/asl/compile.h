#pragma once

#include <memory>
#include <string>
#include <vector>

#include "asl/program.h"
#include "base/error.h"
#include "base/text.h"

namespace weft::asl {

// One finding about a definition, in the words of ValidateStateMachineDefinition, plus where it stands in the text.
struct Diagnostic {
  enum class Severity : uint8_t { kError, kWarning };
  Severity severity = Severity::kError;
  std::string code;       // "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", "DUPLICATE_STATE_NAME" ...
  std::string message;    // without " at /..."
  std::string location;   // "/States/X/Next", "/" for the root, empty when there is none
  size_t line = 0;        // 1-based; 0 when unknown
  size_t column = 0;      // 1-based, in characters
};

struct CompileResult {
  std::shared_ptr<const Program> program;   // null when any diagnostic is an error
  std::vector<Diagnostic> diagnostics;      // all findings, in order of appearance
};

struct CompileOptions {
  bool express = false;                     // the machine's type: some integrations are not legal there
};

// Parses and validates `definition`. Pure; never throws; reports every finding, not only the first.
CompileResult compile(base::Text definition, const CompileOptions& options = {});

// The errors as CreateStateMachine words them: "Invalid State Machine Definition: 'CODE: message at /pointer, ...'".
base::Error invalid_definition(const std::vector<Diagnostic>& diagnostics);

}  // namespace weft::asl
