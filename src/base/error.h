#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace weft::base {

// The one list of operating errors. X(enumerator, AWS exception name, HTTP status, retryable).
// A code exists only where some caller handles it differently; workflow failures (States.Timeout ...) are data in events.
#define WEFT_ERROR_CODES(X)                                                        \
  X(kInternal, "InternalServerError", 500, true)                                   \
  X(kUnavailable, "ServiceUnavailable", 503, true)                                 \
  X(kStorage, "InternalServerError", 500, false)                                   \
  X(kIo, "InternalServerError", 500, false)                                        \
  X(kLimit, "ThrottlingException", 400, true)                                      \
  X(kInvalidArgument, "ValidationException", 400, false)                           \
  X(kNotFound, "ResourceNotFound", 404, false)                                     \
  X(kUnknownOperation, "UnknownOperationException", 400, false)                    \
  X(kSerialization, "SerializationException", 400, false)                          \
  X(kInvalidJson, "SerializationException", 400, false)                            \
  X(kInvalidArn, "InvalidArn", 400, false)                                         \
  X(kInvalidName, "InvalidName", 400, false)                                       \
  X(kInvalidToken, "InvalidToken", 400, false)                                     \
  X(kInvalidDefinition, "InvalidDefinition", 400, false)                           \
  X(kInvalidExecutionInput, "InvalidExecutionInput", 400, false)                   \
  X(kStateMachineDoesNotExist, "StateMachineDoesNotExist", 400, false)             \
  X(kStateMachineAlreadyExists, "StateMachineAlreadyExists", 400, false)           \
  X(kStateMachineDeleting, "StateMachineDeleting", 400, false)                     \
  X(kStateMachineTypeNotSupported, "StateMachineTypeNotSupported", 400, false)     \
  X(kExecutionDoesNotExist, "ExecutionDoesNotExist", 400, false)                   \
  X(kExecutionAlreadyExists, "ExecutionAlreadyExists", 400, false)                 \
  X(kExecutionLimitExceeded, "ExecutionLimitExceeded", 400, true)                  \
  X(kResourceNotFound, "ResourceNotFound", 400, false)

enum class ErrorCode {
#define WEFT_ERROR_ENUM(code, aws, status, retryable) code,
  WEFT_ERROR_CODES(WEFT_ERROR_ENUM)
#undef WEFT_ERROR_ENUM
};

// The AWS exception name a client sees for `code` (the `__type` member).
std::string_view aws_name(ErrorCode code);
// The HTTP status that goes with it.
int http_status(ErrorCode code);
bool is_retryable(ErrorCode code);

// An operating error: what kind, and one sentence that names the field, the value and what was expected.
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
