#pragma once

#include <string>

#include "integrations/call_tracing.h"
#include "integrations/task.h"

namespace weft::http {

class HttpCaller;

// arn:aws:states:::http:invoke. A call that was at hand when Weft stopped is made again, with the
// same trace context. Thread-safe.
class HttpTasks : public integrations::TaskRunner {
 public:
  // Both outlive this.
  HttpTasks(HttpCaller& caller, integrations::CallTracing& tracing)
      : caller_(caller), tracing_(tracing) {}
  void run(const integrations::TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  HttpCaller& caller_;
  integrations::CallTracing& tracing_;
};

}  // namespace weft::http
