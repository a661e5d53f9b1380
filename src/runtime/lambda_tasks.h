#pragma once

#include <string>

#include "runtime/call_tracing.h"
#include "runtime/tasks.h"

namespace weft::lambda {
class FunctionPool;
}  // namespace weft::lambda

namespace weft::runtime {

// Lambda functions of a pool (may be null), both as a direct ARN and as
// arn:aws:states:::lambda:invoke.
class LambdaTasks : public TaskRunner {
 public:
  // `tracing` may be null: calls then carry no context. Both outlive this.
  LambdaTasks(lambda::FunctionPool* functions, CallTracing* tracing)
      : functions_(functions), tracing_(tracing) {}
  void run(const TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  lambda::FunctionPool* functions_;
  CallTracing* tracing_;
};

}  // namespace weft::runtime
