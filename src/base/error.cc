#include "base/error.h"

namespace weft::base {
namespace {

struct Row {
  std::string_view aws;
  int status;
};

constexpr Row kRows[] = {
#define WEFT_ERROR_ROW(code, aws, status) {aws, status},
    WEFT_ERROR_CODES(WEFT_ERROR_ROW)
#undef WEFT_ERROR_ROW
};

const Row& row(ErrorCode code) { return kRows[static_cast<size_t>(code)]; }

}  // namespace

std::string_view aws_name(ErrorCode code) { return row(code).aws; }
int http_status(ErrorCode code) { return row(code).status; }

}  // namespace weft::base
