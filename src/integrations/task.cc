#include "integrations/task.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

namespace weft::integrations {

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

}  // namespace weft::integrations
