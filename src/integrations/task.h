#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
  bool again = false;         // an earlier process of Weft may have run this attempt
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

// The task's time is over, or its heartbeat has not come, by what was known when it began to wait:
// whether that is so is for who runs it to say.
struct DeadlineRequest {
  history::ExecutionKey key;
  engine::ScopeId scope = 0;
  uint32_t task = 0;
  bool heartbeat = false;
  std::string request_id;
};

// The execution wants the outcome only if somebody is at work on it; else it is to be stopped.
struct WithdrawRequest {
  history::ExecutionKey key;
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
  // Whether settled() is to be told. The same at every call.
  virtual bool keeps_unsettled() const { return false; }
  // What `done` was told of the task is durable, or comes too late for it: it is not run again.
  // Unknown ids are ignored.
  virtual void settled(const std::string& /*request_id*/) {}
  // Gives up the task; unknown ids are ignored.
  virtual void cancel(const std::string& request_id) = 0;
  // Gives it up if nothing of it has begun yet: it waits for its turn. Whether it did.
  virtual bool withdraw(const std::string& /*request_id*/) { return false; }
  // How far a call has come that waits for its turn here, or had to: `queued_us` does not count as
  // the task's own time; `started_ms` is 0 until it has begun. Nothing of what does not wait here.
  virtual std::optional<history::InvocationTiming> progress(const std::string& /*request_id*/) {
    return std::nullopt;
  }
};

// The resource that the task of `request` names.
const asl::TaskResource& resource_of(const TaskRequest& request);

// The answer of a task that came to nothing.
engine::TaskFailed task_failed(const TaskRequest& request, std::string error, std::string cause);

// The cause when AWS cannot make a request out of the evaluated parameters (error States.Runtime).
std::string unusable_parameters(const TaskRequest& request, std::string_view reason);

}  // namespace weft::integrations
