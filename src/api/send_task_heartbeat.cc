#include "api/operations.h"

namespace weft::api {

aws::Reply send_task_heartbeat(Call& call) {
  const auto token = call.in.required("taskToken", kTaskTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return std::unexpected(callbacks.error());
  auto taken = (*callbacks)->answer(token, running::TaskHeartbeat{});
  if (!taken) return std::unexpected(taken.error());
  return "{}";
}

}  // namespace weft::api
