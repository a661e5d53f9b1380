#include <memory>
#include <utility>

#include "api/operations.h"
#include "api/test_state/trial.h"

namespace weft::api {

void test_state(Call& call, LaterReply reply) {
  auto request = read_test_request(call);
  if (!request) return reply(std::unexpected(request.error()));
  auto trial = std::make_shared<Trial>(std::move(*request), call.query.identity());
  if (auto ok = trial->prepare(); !ok) return reply(std::unexpected(ok.error()));
  if (has_left(call.connection)) return reply(nobody_waits());
  if (auto ok = trial->begin(); !ok) return reply(std::unexpected(ok.error()));
  if (!trial->needs_task()) {
    if (trial->is_at_work()) trial->end_as_mocked();
    return reply(trial->answer());
  }
  if (has_left(call.connection)) return reply(nobody_waits());
  call.host.run_task(trial->task(), std::chrono::milliseconds(trial->task_limit_ms()),
                     [trial, reply = std::move(reply)](
                         base::Result<std::optional<engine::Input>> outcome) mutable {
                       if (!outcome) return reply(std::unexpected(outcome.error()));
                       trial->end(std::move(*outcome));
                       reply(trial->answer());
                     });
}

}  // namespace weft::api
