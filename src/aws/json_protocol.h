#pragma once

#include <expected>
#include <string>

#include "base/error.h"
#include "net/http.h"

// The envelope of AWS's JSON 1.0 protocol (AWS documentation: Smithy, "AWS JSON 1.0 protocol").

namespace weft::aws {

// A failed call as clients see it: the error and, for some ValidationExceptions, a machine-readable
// reason.
struct Fault {
  base::Error error;
  std::string reason;

  Fault(base::Error failure) : error(std::move(failure)) {}  // NOLINT: every Error is a Fault
  Fault(base::ErrorCode code, std::string message, std::string why = "")
      : error(code, std::move(message)), reason(std::move(why)) {}
};

// The JSON text of the answer, or why there is none.
using Reply = std::expected<std::string, Fault>;

// 200 and the answer, or the error's status and `{"__type", "message", "reason"?}`; both with
// x-amzn-RequestId.
net::Response json_response(Reply reply);

// A version 4 UUID from the system's random source. Any thread.
std::string random_uuid();

}  // namespace weft::aws
