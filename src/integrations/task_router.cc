#include "integrations/task_router.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace weft::integrations {
namespace {

// "startExecution" of "startExecution.sync:2".
std::string_view api_of(const asl::TaskResource& resource) {
  return std::string_view(resource.resource).substr(0, resource.resource.find('.'));
}

// Of a call that took a task token along.
TaskRunner::Done submitting(TaskRunner::Done done) {
  return [done = std::move(done)](engine::Input outcome) mutable {
    auto* answered = std::get_if<engine::TaskSucceeded>(&outcome);
    if (answered == nullptr) return done(std::move(outcome));
    done(engine::TaskSubmitted{.scope = answered->scope,
                               .task = answered->task,
                               .output = std::move(answered->output),
                               .timing = answered->timing});
  };
}

}  // namespace

TaskRouter::TaskRouter(TaskRunner& lambda) : lambda_(lambda) { add("lambda", "invoke", lambda); }

void TaskRouter::add(std::string_view service, std::string_view api, TaskRunner& runner) {
  routes_.push_back({service, api, &runner});
  if (std::ranges::find(runners_, &runner) == runners_.end()) runners_.push_back(&runner);
}

void TaskRouter::set_activities(TaskRunner& runner) {
  activities_ = &runner;
  runners_.push_back(&runner);
}

TaskRunner* TaskRouter::find(const asl::TaskResource& resource) const {
  if (resource.kind == asl::TaskResource::Kind::kLambdaFunction) return &lambda_;
  if (resource.kind == asl::TaskResource::Kind::kActivity) return activities_;
  const std::string_view api = api_of(resource);
  for (const Route& one : routes_) {
    if (one.service == resource.resource_type && one.api == api) return one.runner;
  }
  return nullptr;
}

void TaskRouter::run(const TaskRequest& request, Done done) {
  const asl::TaskResource& resource = resource_of(request);
  const bool callback = resource.pattern == asl::IntegrationPattern::kWaitForTaskToken;
  if (TaskRunner* runner = find(resource))
    return runner->run(request, callback ? submitting(std::move(done)) : std::move(done));
  std::string known = "Lambda functions by ARN";
  for (const Route& one : routes_) known += fmt::format(", {}:{}", one.service, one.api);
  done(task_failed(request, "States.Runtime",
                   fmt::format("The resource '{}' is not available: this version runs {}.",
                               resource.arn, known)));
}

void TaskRouter::hand_out(const std::string& request_id, std::string task_token) {
  if (activities_ != nullptr) activities_->hand_out(request_id, std::move(task_token));
}

void TaskRouter::cancel(const std::string& request_id) {
  for (TaskRunner* runner : runners_) runner->cancel(request_id);
}

bool TaskRouter::withdraw(const std::string& request_id) {
  return std::ranges::any_of(runners_,
                             [&](TaskRunner* runner) { return runner->withdraw(request_id); });
}

std::optional<history::InvocationTiming> TaskRouter::progress(const std::string& request_id) {
  for (TaskRunner* runner : runners_) {
    if (auto timing = runner->progress(request_id)) return timing;
  }
  return std::nullopt;
}

}  // namespace weft::integrations
