#include "api/execution_arn.h"
#include "api/operations.h"
#include "aws/answer.h"

namespace weft::api {

constexpr size_t kClientTokenCharsMax = 64;

aws::Reply redrive_execution(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const auto token = call.in.optional("clientToken", kClientTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto key = standard_execution(call.query, arn); !key) return std::unexpected(key.error());
  auto redriven = call.host.redrive_execution(arn, token.value_or(""));
  if (!redriven) return std::unexpected(redriven.error());
  return aws::Answer(call.arena).time("redriveDate", *redriven).to_text();
}

}  // namespace weft::api
