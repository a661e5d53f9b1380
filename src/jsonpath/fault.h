#pragma once

#include <string>

namespace weft::jsonpath {

// Why a field of a state could not be evaluated: AWS's error name and the cause, without the "An
// error occurred while executing the state ..." sentence that the caller puts in front.
struct Fault {
  std::string error = "States.Runtime";
  std::string cause;
};

}  // namespace weft::jsonpath
