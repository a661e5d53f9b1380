#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "integrations/task_router.h"
#include "net/worker_pool.h"
#include "records/records.h"
#include "running/host.h"
#include "sync/mutex.h"

namespace weft::running {

// What nested executions need of their host.
class ExecutionStarts {
 public:
  struct Started {
    records::ExecutionRecord record;
    bool known = false;  // it was there already
  };
  using Done = std::move_only_function<void(base::Result<Started>)>;
  virtual ~ExecutionStarts() = default;
  struct Task {
    std::string request_id;
    std::string execution_arn;     // whose task it is
    history::ExecutionKey child;   // ExecutionRecord::detail_of
    history::ExecutionKey waiter;  // whose task it is, when it waits for the end
    uint32_t waiting_task = 0;     // its ordinal then; else 0
  };
  // Starts a top-level execution for the task `by`. The execution that this task started before is
  // given again, whatever became of it. `done` runs once the start is durable, before anybody hears
  // that the execution ended. Blocks for reading only.
  virtual void start(StartExecution start, Task by, Done done) = 0;
  // Starts an Express execution for the task `by`. `ended` runs once its end is durable, on a
  // thread that may read. Nothing is known of it before, and nothing after a crash.
  using Ended = std::move_only_function<void(base::Result<reading::ExecutionView>)>;
  virtual void start_synchronous(StartExecution start, Task by, Ended ended) = 0;
  // Asks an execution to stop; does not wait.
  virtual void stop(history::ExecutionKey key) = 0;
  virtual const reading::Query& executions() const = 0;
};

// arn:aws:states:::states:startExecution, alone, as .sync and .sync:2 and with a task token, and
// arn:aws:states:::aws-sdk:sfn:startExecution and startSyncExecution (AWS page "Start workflow
// executions"; results and faults as recorded). The nested execution belongs to
// the trace of the one that starts it and hangs under the attempt; its input is what the definition
// says, untouched. A task given up stops the execution it waits for, but an Express one, which
// nobody can stop. Thread-safe.
class NestedExecutions : public integrations::TaskRunner {
 public:
  // Runs a job soon, not within the call.
  using Post = std::function<void(std::move_only_function<void()>)>;
  // On threads of its own.
  explicit NestedExecutions(ExecutionStarts& starts);
  // `post` drops what has not run when this goes.
  NestedExecutions(ExecutionStarts& starts, Post post);
  ~NestedExecutions() override;

  void run(const integrations::TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;
  // A top-level execution has ended, durably. Returns at once.
  void ended(history::ExecutionKey key);
  // Finishes what is at hand and takes no more; nobody may call after this.
  void stop();

 private:
  struct Job {
    integrations::TaskRequest request;
    Done done;
    std::optional<records::ExecutionRecord> nested{};  // what it waits for
    bool begun = false;                                // start() has it
    bool given_up = false;                             // before that
  };

  void start(const std::string& id);
  // Stops what the task of a job that was given up started before a crash.
  void stop_started(const Job& job);
  // The outcome of a synchronous Express execution, whatever it is, is the answer of the call.
  void answer_ended(const std::string& id, const reading::ExecutionView& nested);
  void refuse(const std::string& id, const base::Error& error);
  void answer(const std::string& id, const records::ExecutionRecord& nested);
  void await(const std::string& id, const ExecutionStarts::Started& started);
  void finish(const std::string& id);
  // Takes the job out: who has it answers.
  std::optional<Job> take(const std::string& id);

  ExecutionStarts& starts_;
  sync::Mutex mutex_;
  std::map<std::string, Job> jobs_ WEFT_GUARDED_BY(mutex_);  // by request id
  std::multimap<history::ExecutionKey, std::string> awaited_ WEFT_GUARDED_BY(mutex_);
  std::unique_ptr<net::WorkerPool> pool_;  // may be null
  const Post post_;
};

}  // namespace weft::running
