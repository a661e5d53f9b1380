#include "api/operations.h"
#include "base/limits.h"

namespace weft::api {

aws::Reply send_task_failure(Call& call) {
  const auto token = call.in.required("taskToken", kTaskTokenCharsMax);
  const auto error = call.in.optional("error", base::kErrorCharsMax, 0);
  const auto cause = call.in.optional("cause", base::kCauseCharsMax, 0);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return std::unexpected(callbacks.error());
  auto taken = (*callbacks)
                   ->answer(token, running::TaskFailure{std::string(error.value_or("")),
                                                        std::string(cause.value_or(""))});
  if (!taken) return std::unexpected(taken.error());
  return "{}";
}

}  // namespace weft::api
