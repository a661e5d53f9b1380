#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "integrations/task.h"

namespace weft::integrations {

// Hands each task to whom its resource belongs. A resource that nobody runs (a definition that
// holds one is refused, unless another version took it) fails with States.Runtime and a cause that
// names it: no Catch takes that for an outcome.
class TaskRouter : public TaskRunner {
 public:
  // `lambda` runs functions by ARN. Runners outlive the router.
  explicit TaskRouter(TaskRunner& lambda);
  // The two parts of a resource after "arn:aws:states:::", without its pattern: "states" and
  // "startExecution". Literals: they are not copied. Before the first run() only.
  void add(std::string_view service, std::string_view api, TaskRunner& runner);
  // Takes the tasks of activities. Before the first run() only.
  void set_activities(TaskRunner& runner);

  // What answers a call with ".waitForTaskToken" has only taken the token along: that is told as
  // TaskSubmitted.
  void run(const TaskRequest& request, Done done) override;
  void hand_out(const std::string& request_id, std::string task_token) override;
  bool keeps_unsettled() const override { return lambda_.keeps_unsettled(); }
  void settled(const std::string& request_id) override { lambda_.settled(request_id); }
  void cancel(const std::string& request_id) override;
  bool withdraw(const std::string& request_id) override;
  std::optional<history::InvocationTiming> progress(const std::string& request_id) override;

 private:
  TaskRunner* find(const asl::TaskResource& resource) const;

  struct Route {
    std::string_view service;
    std::string_view api;
    TaskRunner* runner;
  };
  TaskRunner& lambda_;
  TaskRunner* activities_ = nullptr;
  std::vector<Route> routes_;
  std::vector<TaskRunner*> runners_;  // each once
};

}  // namespace weft::integrations
