#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weft::base {

// The one list of operating errors. X(enumerator, AWS exception name, HTTP status).
// A code exists only where some caller handles it differently; workflow failures (States.Timeout
// ...) are data in events.
#define WEFT_ERROR_CODES(X)                                             \
  X(kInternal, "InternalServerError", 500)                              \
  X(kUnavailable, "ServiceUnavailable", 503)                            \
  X(kStorage, "InternalServerError", 500)                               \
  X(kIo, "InternalServerError", 500)                                    \
  X(kLimit, "ThrottlingException", 400)                                 \
  X(kInvalidArgument, "ValidationException", 400)                       \
  X(kNotFound, "ResourceNotFound", 404)                                 \
  X(kUnknownOperation, "UnknownOperationException", 400)                \
  X(kSerialization, "SerializationException", 400)                      \
  X(kInvalidJson, "SerializationException", 400)                        \
  X(kInvalidArn, "InvalidArn", 400)                                     \
  X(kInvalidName, "InvalidName", 400)                                   \
  X(kInvalidToken, "InvalidToken", 400)                                 \
  X(kInvalidDefinition, "InvalidDefinition", 400)                       \
  X(kInvalidExecutionInput, "InvalidExecutionInput", 400)               \
  X(kInvalidLoggingConfiguration, "InvalidLoggingConfiguration", 400)   \
  X(kStateMachineDoesNotExist, "StateMachineDoesNotExist", 400)         \
  X(kStateMachineAlreadyExists, "StateMachineAlreadyExists", 400)       \
  X(kStateMachineTypeNotSupported, "StateMachineTypeNotSupported", 400) \
  X(kExecutionDoesNotExist, "ExecutionDoesNotExist", 400)               \
  X(kExecutionAlreadyExists, "ExecutionAlreadyExists", 400)             \
  X(kExecutionNotRedrivable, "ExecutionNotRedrivable", 400)             \
  X(kResourceNotFound, "ResourceNotFound", 400)

enum class ErrorCode {
#define WEFT_ERROR_ENUM(code, aws, status) code,
  WEFT_ERROR_CODES(WEFT_ERROR_ENUM)
#undef WEFT_ERROR_ENUM
};

// The AWS exception name a client sees for `code` (the `__type` member).
std::string_view aws_name(ErrorCode code);
// The HTTP status that goes with it.
int http_status(ErrorCode code);

// An operating error: what kind, and one sentence that names the field, the value and what was
// expected.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  Error() = default;
  Error(ErrorCode error_code, std::string text) : code(error_code), message(std::move(text)) {}
};

template <typename T>
using Result = std::expected<T, Error>;

// Shorthand for returning a failure: `return fail(ErrorCode::kInvalidArn, "...")`.
inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(std::in_place, code, std::move(message));
}

}  // namespace weft::base
