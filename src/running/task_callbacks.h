#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "aws/json_protocol.h"
#include "base/clock.h"
#include "base/error.h"
#include "integrations/activity/activity_tasks.h"
#include "integrations/tokens/task_tokens.h"
#include "reading/query.h"
#include "records/activity_record.h"
#include "running/ports.h"
#include "running/requests.h"
#include "sync/mutex.h"

namespace weft::running {

// The error of an operation on an activity as AWS names it.
aws::Fault activity_fault(base::Error error);

// Tasks that somebody else answers: their tokens (SendTaskSuccess, -Failure, -Heartbeat, from the
// API and as the tasks arn:aws:states:::aws-sdk:sfn:sendTask...), and activities with their
// workers. Thread-safe.
class TaskCallbacks : public integrations::TaskRunner {
 public:
  struct Ports {
    const reading::Query& query;
    const base::Clock& clock;
    // To the shard of the execution; not within the call.
    std::function<void(history::ExecutionKey, Message)> post;
    // Commits and returns once it is durable. kStorage: the store is damaged.
    std::function<base::Result<void>(store::Batch)> commit;
    std::function<base::Result<void>()> writable;
    // kUnavailable when the execution waits until Weft is started with what it needs.
    std::function<base::Result<void>(history::ExecutionKey)> running;
  };
  // `token_key`: of the store, tokens::TaskTokens::kKeyBytes. What `ports` names outlives this.
  TaskCallbacks(Ports ports, std::string token_key);
  ~TaskCallbacks() override;  // shutdown()

  const tokens::TaskTokens& tokens() const { return tokens_; }
  activity::ActivityTasks& activities() { return activities_; }

  // What the holder of a token says of its task; `done` runs once that is durable. kInvalidToken:
  // not a token of this store; TaskTimedOut: the task has ended, or another attempt is out;
  // TaskDoesNotExist: its execution is gone; InvalidOutput: not JSON.
  using Answered = std::move_only_function<void(std::expected<void, aws::Fault>)>;
  void answer(std::string_view token, TaskAnswer answer, Answered done);
  // The same; blocks until then.
  std::expected<void, aws::Fault> answer(std::string_view token, TaskAnswer answer);

  // Creating one that is there is a success and changes nothing. kInvalidName.
  base::Result<records::ActivityRecord> create_activity(const std::string& name,
                                                        records::Tags tags);
  // Deleting one that is not there is a success. Its tasks wait on until they time out.
  // kInvalidArn.
  base::Result<void> delete_activity(std::string_view arn);
  // ResourceNotFound, TooManyTags, kInvalidArn.
  std::expected<void, aws::Fault> change_tags(std::string_view arn,
                                              const records::TagChange& change);
  // Waits for work until `poll.until`. ActivityDoesNotExist, ActivityWorkerLimitExceeded,
  // InvalidArn: then nobody is answered.
  std::expected<void, aws::Fault> poll(activity::Poll poll);

  void run(const integrations::TaskRequest& request, Done done) override;
  void cancel(const std::string&) override {}  // it has been said already

  // Answers all who wait, and takes no more.
  void shutdown();

 private:
  void expire_polls();

  const Ports ports_;
  const tokens::TaskTokens tokens_;
  activity::ActivityTasks activities_;
  sync::Mutex activities_mutex_;  // one change of activities at a time
  sync::Mutex mutex_;
  sync::CondVar polled_;
  bool polls_changed_ WEFT_GUARDED_BY(mutex_) = false;
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  std::thread expiry_;
};

}  // namespace weft::running
