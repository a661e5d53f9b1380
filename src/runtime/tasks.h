#pragma once

#include <functional>
#include <string>

#include "engine/decide.h"
#include "runtime/call_tracing.h"
#include "runtime/names.h"
#include "runtime/ports.h"

namespace weft::lambda {
class FunctionPool;
}  // namespace weft::lambda

namespace weft::runtime {

// Runs the tasks that executions schedule. Thread-safe.
class TaskRunner {
 public:
  using Done = std::move_only_function<void(engine::Input)>;
  virtual ~TaskRunner() = default;
  // `done` runs once, from any thread, with TaskSucceeded or TaskFailed; not at all after cancel().
  virtual void run(const TaskRequest& request, Done done) = 0;
  virtual void cancel(const std::string& request_id) = 0;
};

// Lambda functions of a pool (may be null), both as a direct ARN and as
// arn:aws:states:::lambda:invoke. Other services fail with States.TaskFailed and a cause that says
// so.
class LambdaTasks : public TaskRunner {
 public:
  // `tracing` may be null: calls then carry no context. Both outlive this.
  LambdaTasks(lambda::FunctionPool* functions, CallTracing* tracing)
      : functions_(functions), tracing_(tracing) {}
  void run(const TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  void invoke(const TaskRequest& request, Done done);

  lambda::FunctionPool* functions_;
  CallTracing* tracing_;
};

}  // namespace weft::runtime
