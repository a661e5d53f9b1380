#include "integrations/http/http_tasks.h"

#include <memory>
#include <utility>

#include "integrations/http/http_caller.h"

namespace weft::http {
namespace {

using integrations::task_failed;
using integrations::TaskRequest;

engine::Input outcome_of(const TaskRequest& request, CallResult result) {
  const history::InvocationTiming timing{
      .started_ms = result.started_ms, .queued_us = result.queued_us, .run_us = result.run_us};
  if (!result.outcome.error.empty() || result.outcome.too_large) {
    engine::TaskFailed input =
        task_failed(request, std::move(result.outcome.error), std::move(result.outcome.cause));
    input.too_large = result.outcome.too_large;
    input.timing = timing;
    return input;
  }
  return engine::TaskSucceeded{.scope = request.scope,
                               .task = request.task,
                               .output = base::Text(std::move(result.outcome.output)),
                               .timing = timing};
}

}  // namespace

void HttpTasks::run(const TaskRequest& request, Done done) {
  // Shared, because a call that does not begin leaves it to be answered here.
  auto answer = std::make_shared<Done>(std::move(done));
  const net::Headers trace{trace::http_headers(tracing_.begin(request))};
  auto begun = caller_.call(
      request.request_id, request.parameters.view(), trace,
      [request, answer](CallResult result) {
        if (result.response) tell(*result.response, *request.exchange);
        (*answer)(outcome_of(request, std::move(result)));
      },
      request.exchange.get());
  if (begun) return;
  const base::Error& error = begun.error();
  (*answer)(error.code == base::ErrorCode::kNotFound
                ? task_failed(request, "Events.ConnectionResource.ResourceNotFound", error.message)
                : task_failed(request, "States.Runtime",
                              integrations::unusable_parameters(request, error.message)));
}

void HttpTasks::cancel(const std::string& request_id) { caller_.cancel(request_id); }

}  // namespace weft::http
