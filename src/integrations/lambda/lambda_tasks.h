#pragma once

#include <string>
#include <unordered_map>

#include "integrations/call_tracing.h"
#include "integrations/lambda/call_ledger.h"
#include "integrations/task.h"
#include "sync/mutex.h"

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
  bool keeps_unsettled() const override;
  void settled(const std::string& request_id) override;
  void cancel(const std::string& request_id) override;
  bool withdraw(const std::string& request_id) override;
  std::optional<history::InvocationTiming> progress(const std::string& request_id) override;

 private:
  void keep(const std::string& request_id, CallLedger::Entry out);

  FunctionPool* functions_;
  integrations::CallTracing* tracing_;
  sync::Mutex mutex_;
  // Calls that have ended, until that is durable; of functions that must not have one twice.
  std::unordered_map<std::string, CallLedger::Entry> unsettled_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::lambda
