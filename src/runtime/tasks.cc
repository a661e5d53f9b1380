#include "runtime/tasks.h"

#include <set>
#include <utility>

#include <fmt/format.h>

namespace weft::runtime {
namespace {

// "startExecution" of "startExecution.sync:2".
std::string_view api_of(const asl::TaskResource& resource) {
  return std::string_view(resource.resource).substr(0, resource.resource.find('.'));
}

}  // namespace

TaskRouter::TaskRouter(TaskRunner& lambda) : lambda_(lambda) { add("lambda", "invoke", lambda); }

void TaskRouter::add(std::string_view service, std::string_view api, TaskRunner& runner) {
  integrations_.push_back({service, api, &runner});
}

TaskRunner* TaskRouter::find(const asl::TaskResource& resource) const {
  if (resource.kind == asl::TaskResource::Kind::kLambdaFunction) return &lambda_;
  if (resource.kind != asl::TaskResource::Kind::kService) return nullptr;
  if (resource.pattern == asl::IntegrationPattern::kWaitForTaskToken) return nullptr;
  const std::string_view api = api_of(resource);
  for (const Integration& one : integrations_) {
    if (one.service == resource.resource_type && one.api == api) return one.runner;
  }
  return nullptr;
}

void TaskRouter::run(const TaskRequest& request, Done done) {
  const asl::TaskResource& resource = resource_of(request);
  if (TaskRunner* runner = find(resource)) return runner->run(request, std::move(done));
  std::string known = "Lambda functions by ARN";
  for (const Integration& one : integrations_)
    known += fmt::format(", {}:{}", one.service, one.api);
  done(task_failed(
      request, "States.TaskFailed",
      fmt::format("The resource '{}' is not available: this version runs {}, without task tokens.",
                  resource.arn, known)));
}

void TaskRouter::cancel(const std::string& request_id) {
  std::set<TaskRunner*> runners;
  for (const Integration& one : integrations_) runners.insert(one.runner);
  for (TaskRunner* runner : runners) runner->cancel(request_id);
}

const asl::TaskResource& resource_of(const TaskRequest& request) {
  return std::get<asl::TaskState>(request.program->state(request.state).body).resource;
}

engine::TaskFailed task_failed(const TaskRequest& request, std::string error, std::string cause) {
  return {.scope = request.scope,
          .task = request.task,
          .error = std::move(error),
          .cause = std::move(cause)};
}

std::string unusable_parameters(const TaskRequest& request, std::string_view reason) {
  return fmt::format("The Parameters '{}' could not be used to start the Task: [{}]",
                     request.parameters.view(), reason);
}

}  // namespace weft::runtime
