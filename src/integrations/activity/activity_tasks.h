#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/json_protocol.h"
#include "base/text.h"
#include "integrations/task.h"
#include "sync/mutex.h"

namespace weft::activity {

// What a worker that asked gets.
struct Work {
  std::string task_token;
  base::Text input;
};

using Moment = std::chrono::steady_clock::time_point;

// A worker that asks for work of an activity.
struct Poll {
  std::string activity;  // its ARN
  std::string worker;    // its name; may be ""
  Moment until;
  std::function<bool()> gone;  // whether nobody waits for the answer any more; any thread
  // Called once, from any thread; with nothing when no work came in time.
  std::move_only_function<void(std::optional<Work>)> answer;
};

// Tasks of activities (AWS page "Activities") and the workers that ask for them, told apart by the
// names of activities alone: first come, first served. A task is offered to one (ActivityStarted),
// and given to it once that is durable (hand_out); when the task has ended meanwhile, it waits on.
// What no worker had when the process ended is delivered again, what one had is not. Knows no
// clock. Thread-safe.
class ActivityTasks : public integrations::TaskRunner {
 public:
  // Workers that wait at once, of one activity. AWS: 1,000.
  static constexpr size_t kPollsMax = 1'000;

  void run(const integrations::TaskRequest& request, Done done) override;
  void cancel(const std::string& request_id) override;
  void hand_out(const std::string& request_id, std::string task_token) override;

  // ActivityWorkerLimitExceeded: too many wait already.
  std::expected<void, aws::Fault> poll(Poll poll);
  // Answers those whose time is over; when the next one's is. Workers of one activity are to wait
  // equally long.
  std::optional<Moment> expire(Moment now);
  // Tells all workers that nothing came.
  void shutdown();

 private:
  struct Task {
    std::string activity;
    engine::ScopeId scope = 0;
    uint32_t task = 0;
    base::Text input;
    Done done;
    uint64_t number = 0;            // its place in the queue
    std::optional<Poll> offered{};  // who is to have it; it is in no queue then
  };
  struct Queue {
    std::map<uint64_t, std::string> tasks;  // request ids by number
    std::deque<Poll> polls;
  };

  // Offers tasks to workers; a queue with neither is gone afterwards.
  void match(const std::string& activity) WEFT_REQUIRES(mutex_);

  sync::Mutex mutex_;
  std::map<std::string, Task> tasks_ WEFT_GUARDED_BY(mutex_);    // by request id
  std::map<std::string, Queue> queues_ WEFT_GUARDED_BY(mutex_);  // by name
  uint64_t next_number_ WEFT_GUARDED_BY(mutex_) = 0;
};

}  // namespace weft::activity
