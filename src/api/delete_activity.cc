#include "api/operations.h"

namespace weft::api {

// Deleting what does not exist is a success.
aws::Reply delete_activity(Call& call) {
  const auto arn = call.in.required("activityArn", kArnCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return std::unexpected(callbacks.error());
  if (auto ok = (*callbacks)->delete_activity(arn); !ok) return std::unexpected(ok.error());
  return "{}";
}

}  // namespace weft::api
