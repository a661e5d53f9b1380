#pragma once

#include <optional>
#include <string>

#include "asl/program.h"

namespace weft::sim {

// What an execution must come to, worked out by plain recursion over the program: no events, no
// store, no time.
struct Expected {
  bool succeeded = false;
  std::string output;  // JSON text, when it succeeded
};

// Runs `program` on `input` the simple way. Independent of engine/ and maprun/: shares only the
// evaluation of fields.
Expected run_reference(const asl::Program& program, const std::string& input);

}  // namespace weft::sim
