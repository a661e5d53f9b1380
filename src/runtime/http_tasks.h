#pragma once

#include <string>

#include "runtime/call_tracing.h"
#include "runtime/tasks.h"

namespace weft::http {
class HttpCaller;
}  // namespace weft::http

namespace weft::runtime {

// arn:aws:states:::http:invoke. A call that was at hand when Weft stopped is made again, with the
// same trace context.
class HttpTasks : public TaskRunner {
 public:
  // `caller` may be null: then all tasks fail. Both outlive this.
  HttpTasks(http::HttpCaller* caller, CallTracing* tracing) : caller_(caller), tracing_(tracing) {}
  void run(const TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;

 private:
  http::HttpCaller* caller_;
  CallTracing* tracing_;
};

}  // namespace weft::runtime
