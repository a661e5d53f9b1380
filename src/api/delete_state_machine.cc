#include "api/labelled_arn.h"
#include "api/operations.h"

namespace weft::api {

// Deleting what does not exist is a success.
aws::Reply delete_state_machine(Call& call) {
  const auto arn = call.in.required("stateMachineArn", kArnCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto parts = unlabelled_machine(arn); !parts) return std::unexpected(parts.error());
  auto deleted = call.host.delete_state_machine(arn);
  if (!deleted && deleted.error().code != base::ErrorCode::kStateMachineDoesNotExist) {
    return std::unexpected(deleted.error());
  }
  return "{}";
}

}  // namespace weft::api
