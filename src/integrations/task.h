#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "asl/program.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/decide.h"
#include "history/detail_key.h"
#include "history/event.h"
#include "trace/context.h"

// The port between an execution and whatever does the work of its Task states: start, cancel,
// outcome. One integration a folder implements it (integrations/registry.cc lists them).

namespace weft::integrations {

// What an HTTP task sent and got, as TestState shows it at TRACE (AWS page "Testing state machines
// with TestState API"). Texts as they went; headers are "[name: value, name: value]".
struct HttpExchange {
  bool with_secrets = false;  // what a connection added is shown; set by who asks
  std::string protocol;
  std::string method;
  std::string url;
  std::string request_headers;
  std::string request_body;
  bool answered = false;  // what follows is there
  std::string status_code;
  std::string status_message;
  std::string response_headers;
  std::string response_body;
};

// One attempt of a task, released once the commit that schedules it is durable. A plain value.
struct TaskRequest {
  history::ExecutionKey key;
  engine::ScopeId scope = 0;
  uint32_t task = 0;
  std::string request_id;  // the same on every delivery of this attempt
  std::shared_ptr<const asl::Program> program;
  asl::StateId state = 0;
  base::Text parameters;
  std::string execution_arn;
  trace::Context execution_trace;  // the trace of the execution
  base::UnixMs entered_ms = 0;     // of the state visit
  uint32_t retry_count = 0;
  history::DetailKey detail;  // where what is sent during it is stored
  // Filled in before the outcome is told, by tasks that call over HTTP; mostly null.
  std::shared_ptr<HttpExchange> exchange;

  // False of a test: it is of no execution, and nothing of it is stored.
  bool of_execution() const { return key.run != 0 || key.index != 0; }
};

// The task is for the worker that asked for it.
struct HandOutRequest {
  std::string request_id;
  std::string task_token;
};

// The execution no longer wants the outcome.
struct CancelRequest {
  std::string request_id;
};

// Runs the tasks that executions schedule. Thread-safe.
class TaskRunner {
 public:
  using Done = std::move_only_function<void(engine::Input)>;
  virtual ~TaskRunner() = default;
  // Called on the committer's thread: it returns at once. `done` may be called from any thread:
  // for a task that waits for a job, first with TaskSubmitted; then once with TaskSucceeded or
  // TaskFailed. Of an activity only with ActivityStarted. Not at all after cancel().
  virtual void run(const TaskRequest& request, Done done) = 0;
  // That a worker is to have the task, which `done` was told, is durable: it may be given to it,
  // with its token. Unknown ids are ignored.
  virtual void hand_out(const std::string& /*request_id*/, std::string /*task_token*/) {}
  // Gives up the task; unknown ids are ignored.
  virtual void cancel(const std::string& request_id) = 0;
};

// The resource that the task of `request` names.
const asl::TaskResource& resource_of(const TaskRequest& request);

// The answer of a task that came to nothing.
engine::TaskFailed task_failed(const TaskRequest& request, std::string error, std::string cause);

// The cause when AWS cannot make a request out of the evaluated parameters (error States.Runtime).
std::string unusable_parameters(const TaskRequest& request, std::string_view reason);

}  // namespace weft::integrations
