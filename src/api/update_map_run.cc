#include <cstdint>

#include "api/operations.h"
#include "aws/answer.h"

namespace weft::api {

// Source: AWS Step Functions API Reference, UpdateMapRun: the settings that a Map Run may change
// while it runs. The answer is empty.
aws::Reply update_map_run(Call& call) {
  const auto arn = call.in.required("mapRunArn", kMapRunArnCharsMax);
  const auto concurrency = call.in.optional_whole("maxConcurrency", INT32_MAX);
  const auto count = call.in.optional_whole("toleratedFailureCount", INT64_MAX);
  const auto percentage = call.in.optional_real("toleratedFailurePercentage", 0, 100);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  maprun::ChangeLimits limits{.tolerated_failure_percentage = percentage};
  if (concurrency) limits.max_concurrency = static_cast<uint64_t>(*concurrency);
  if (count) limits.tolerated_failure_count = static_cast<uint64_t>(*count);
  if (auto run = call.query.map_run(arn); !run) return std::unexpected(run.error());
  if (auto done = call.host.update_map_run(arn, limits); !done) {
    return std::unexpected(done.error());
  }
  return aws::Answer(call.arena).to_text();
}

}  // namespace weft::api
