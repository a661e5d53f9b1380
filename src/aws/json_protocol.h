#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "net/http.h"

// The envelope of AWS's JSON 1.0 protocol (AWS documentation: Smithy, "AWS JSON 1.0 protocol").

namespace weft::aws {

// A failed call as clients see it: the error and, for some ValidationExceptions, a machine-readable
// reason.
struct Fault {
  base::Error error;
  std::string reason;
  std::string_view name;  // AWS's, where the error's code has none (status 400 then); a literal

  Fault(base::Error failure) : error(std::move(failure)) {}  // NOLINT: every Error is a Fault
  Fault(base::ErrorCode code, std::string message, std::string why = "")
      : error(code, std::move(message)), reason(std::move(why)) {}
  // An error that one operation alone has.
  static Fault named(std::string_view name, std::string message) {
    Fault fault(base::ErrorCode::kInvalidArgument, std::move(message));
    fault.name = name;
    return fault;
  }
};

// The exception name a client sees.
std::string_view aws_name(const Fault& fault);

// The JSON text of the answer, or why there is none.
using Reply = std::expected<std::string, Fault>;

// 200 and the answer, or the error's status and `{"__type", "message", "reason"?}`; both with
// x-amzn-RequestId.
net::Response json_response(Reply reply);

// A version 4 UUID from the system's random source. Any thread.
std::string random_uuid();

// The message of an error as it may stand in JSON, which has nothing but characters: with U+FFFD in
// place of every byte that is no UTF-8, and of what somebody sent that is too large to be read a
// beginning and the size.
std::string message_text(std::string_view message);

}  // namespace weft::aws
