#include <chrono>
#include <memory>
#include <utility>

#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"

namespace weft::api {
namespace {

// AWS: "The maximum time the service holds on to the request before responding is 60 seconds."
constexpr std::chrono::seconds kPollTime{60};

std::string text_of(const std::optional<activity::Work>& work) {
  if (!work) return "{}";
  json::Arena arena;
  return aws::Answer(arena)
      .text("taskToken", work->task_token)
      .text("input", work->input.view())
      .to_text();
}

}  // namespace

void get_activity_task(Call& call, LaterReply reply) {
  const auto arn = call.in.required("activityArn", kArnCharsMax);
  const auto worker = call.in.optional("workerName", base::kNameCharsMax);
  if (auto ok = call.in.check(); !ok) return reply(std::unexpected(ok.error()));
  if (worker) {
    if (auto ok = arn::check_name(*worker); !ok) return reply(std::unexpected(ok.error()));
  }
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return reply(std::unexpected(callbacks.error()));
  // A poll that is refused drops its answer.
  const auto shared = std::make_shared<LaterReply>(std::move(reply));
  const auto waits =
      (*callbacks)
          ->poll({.activity = std::string(arn),
                  .worker = std::string(worker.value_or("")),
                  .until = std::chrono::steady_clock::now() + kPollTime,
                  .gone = [connection = call.connection] { return has_left(connection); },
                  .answer =
                      [shared](const std::optional<activity::Work>& work) {
                        (*shared)(text_of(work));
                      }});
  if (!waits) (*shared)(std::unexpected(waits.error()));
}

}  // namespace weft::api
