#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decide.h"
#include "runtime/ports.h"

namespace weft::runtime {

// Runs the tasks that executions schedule. Thread-safe.
class TaskRunner {
 public:
  using Done = std::move_only_function<void(engine::Input)>;
  virtual ~TaskRunner() = default;
  // Called on the committer's thread: it returns at once. `done` may be called from any thread:
  // for a task that waits for a job, first with TaskSubmitted; then once with TaskSucceeded or
  // TaskFailed. Not at all after cancel().
  virtual void run(const TaskRequest& request, Done done) = 0;
  // Gives up the task; unknown ids are ignored.
  virtual void cancel(const std::string& request_id) = 0;
};

// Hands each task to whom its resource belongs. A resource that nobody runs fails with
// States.TaskFailed and a cause that names it.
class TaskRouter : public TaskRunner {
 public:
  // `lambda` runs functions by ARN. Runners outlive the router.
  explicit TaskRouter(TaskRunner& lambda);
  // The two parts of a resource after "arn:aws:states:::", without its pattern: "states" and
  // "startExecution". Literals: they are not copied. Before the first run() only.
  void add(std::string_view service, std::string_view api, TaskRunner& runner);

  void run(const TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  TaskRunner* find(const asl::TaskResource& resource) const;

  struct Integration {
    std::string_view service;
    std::string_view api;
    TaskRunner* runner;
  };
  TaskRunner& lambda_;
  std::vector<Integration> integrations_;
};

// The resource that the task of `request` names.
const asl::TaskResource& resource_of(const TaskRequest& request);

// The answer of a task that came to nothing.
engine::TaskFailed task_failed(const TaskRequest& request, std::string error, std::string cause);

// The cause when AWS cannot make a request out of the evaluated parameters (error States.Runtime).
std::string unusable_parameters(const TaskRequest& request, std::string_view reason);

}  // namespace weft::runtime
