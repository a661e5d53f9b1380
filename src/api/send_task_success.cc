#include "api/operations.h"
#include "base/limits.h"

namespace weft::api {

aws::Reply send_task_success(Call& call) {
  const auto token = call.in.required("taskToken", kTaskTokenCharsMax);
  const auto output = call.in.required_payload("output", base::kStateDataBytesMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return std::unexpected(callbacks.error());
  auto taken = (*callbacks)->answer(token, running::TaskSuccess{base::Text(output)});
  if (!taken) return std::unexpected(taken.error());
  return "{}";
}

}  // namespace weft::api
