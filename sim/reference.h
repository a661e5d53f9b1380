#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "asl/program.h"

namespace weft::sim {

// How much fails in the Map Runs of one Distributed Map: over all visits of the state.
struct Failures {
  bool tolerated = false;       // in some visit
  bool exceeded = false;        // in some
  uint64_t least = UINT64_MAX;  // items
  uint64_t most = 0;
  double least_percent = 100;  // of all items
  double most_percent = 0;
};

// What an execution must come to, worked out by plain recursion over the program: no events, no
// store, no time.
struct Expected {
  bool succeeded = false;
  std::string output;                          // JSON text, when it succeeded
  std::map<std::string, Failures> failures{};  // by label
};

// Runs `program` on `input` the simple way. Independent of engine/ and maprun/: shares only the
// evaluation of fields.
Expected run_reference(const asl::Program& program, const std::string& input);

}  // namespace weft::sim
