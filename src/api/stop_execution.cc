#include "api/execution_arn.h"
#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"

namespace weft::api {
namespace {

std::optional<std::string> owned(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

}  // namespace

aws::Reply stop_execution(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const auto error = call.in.optional("error", base::kErrorCharsMax, 0);
  const auto cause = call.in.optional("cause", base::kCauseCharsMax, 0);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto key = standard_execution(call.query, arn); !key) return std::unexpected(key.error());
  auto stopped = call.host.stop_execution(arn, owned(error), owned(cause));
  if (!stopped) return std::unexpected(stopped.error());
  return aws::Answer(call.arena).time("stopDate", *stopped).to_text();
}

}  // namespace weft::api
