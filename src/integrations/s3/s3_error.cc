#include "integrations/s3/s3_error.h"

#include <system_error>

#include <fmt/format.h>

namespace weft::s3 {
namespace {

struct Description {
  std::string_view name;
  int status;
  std::string_view message;
};

constexpr Description kDescriptions[] = {
#define WEFT_S3_ROW(code, name, status, message) {name, status, message},
    WEFT_S3_ERRORS(WEFT_S3_ROW)
#undef WEFT_S3_ROW
};

const Description& description(S3ErrorCode code) {
  return kDescriptions[static_cast<size_t>(code)];
}

}  // namespace

std::string_view s3_name(S3ErrorCode code) { return description(code).name; }
int s3_status(S3ErrorCode code) { return description(code).status; }
std::string_view s3_message(S3ErrorCode code) { return description(code).message; }

std::unexpected<S3Error> s3_fail(S3ErrorCode code, std::string message) {
  if (message.empty()) message = s3_message(code);
  return std::unexpected(S3Error{code, std::move(message)});
}

std::unexpected<S3Error> s3_fail_errno(std::string_view doing, std::string_view key,
                                       int error_number) {
  return s3_fail(
      S3ErrorCode::kInternalError,
      fmt::format("cannot {} {}: {}", doing, key, std::generic_category().message(error_number)));
}

}  // namespace weft::s3
