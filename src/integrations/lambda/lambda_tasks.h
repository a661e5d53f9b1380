#pragma once

#include <string>

#include "integrations/call_tracing.h"
#include "integrations/task.h"

namespace weft::lambda {

class FunctionPool;

// Lambda functions of a pool (may be null), both as a direct ARN and as
// arn:aws:states:::lambda:invoke. Thread-safe.
class LambdaTasks : public integrations::TaskRunner {
 public:
  // `tracing` may be null: calls then carry no context. Both outlive this.
  LambdaTasks(FunctionPool* functions, integrations::CallTracing* tracing)
      : functions_(functions), tracing_(tracing) {}
  void run(const integrations::TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  FunctionPool* functions_;
  integrations::CallTracing* tracing_;
};

}  // namespace weft::lambda
