#include "integrations/activity/activity_tasks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"

namespace weft::activity {
namespace {

std::string name_of(std::string_view arn) { return std::string(arn::arn_parts(arn).machine); }

}  // namespace

void ActivityTasks::run(const integrations::TaskRequest& request, Done done) {
  const std::string activity = name_of(integrations::resource_of(request).arn);
  const sync::MutexLock lock(mutex_);
  const uint64_t number = next_number_++;
  tasks_.insert_or_assign(request.request_id, Task{.activity = activity,
                                                   .scope = request.scope,
                                                   .task = request.task,
                                                   .input = request.parameters,
                                                   .done = std::move(done),
                                                   .number = number});
  queues_[activity].tasks.emplace(number, request.request_id);
  match(activity);
}

void ActivityTasks::match(const std::string& activity) {
  const auto found = queues_.find(activity);
  if (found == queues_.end()) return;
  Queue& queue = found->second;
  while (!queue.tasks.empty() && !queue.polls.empty()) {
    Poll poll = std::move(queue.polls.front());
    queue.polls.pop_front();
    if (poll.gone && poll.gone()) continue;
    Task& task = tasks_.at(queue.tasks.begin()->second);
    queue.tasks.erase(queue.tasks.begin());
    std::string worker = poll.worker;
    task.offered = std::move(poll);
    task.done(engine::ActivityStarted{
        .scope = task.scope, .task = task.task, .worker = std::move(worker)});
  }
  if (queue.tasks.empty() && queue.polls.empty()) queues_.erase(found);
}

void ActivityTasks::hand_out(const std::string& request_id, std::string task_token) {
  sync::MutexLock lock(mutex_);
  const auto found = tasks_.find(request_id);
  if (found == tasks_.end() || !found->second.offered) return;
  Task task = std::move(found->second);
  tasks_.erase(found);
  lock.unlock();
  task.offered->answer(Work{.task_token = std::move(task_token), .input = std::move(task.input)});
}

void ActivityTasks::cancel(const std::string& request_id) {
  const sync::MutexLock lock(mutex_);
  const auto found = tasks_.find(request_id);
  if (found == tasks_.end()) return;
  Task task = std::move(found->second);
  tasks_.erase(found);
  Queue& queue = queues_[task.activity];
  queue.tasks.erase(task.number);
  // It asked before those that wait now.
  if (task.offered) queue.polls.push_front(std::move(*task.offered));
  match(task.activity);
}

std::expected<void, aws::Fault> ActivityTasks::poll(Poll poll) {
  const sync::MutexLock lock(mutex_);
  const std::string activity = name_of(poll.activity);
  Queue& queue = queues_[activity];
  if (queue.polls.size() >= kPollsMax) {
    std::erase_if(queue.polls, [](const Poll& one) { return one.gone && one.gone(); });
  }
  if (queue.polls.size() >= kPollsMax) {
    return std::unexpected(aws::Fault::named(
        "ActivityWorkerLimitExceeded",
        fmt::format("Activity Worker Limit Exceeded: '{} workers wait for work of {}'", kPollsMax,
                    poll.activity)));
  }
  queue.polls.push_back(std::move(poll));
  match(activity);
  return {};
}

std::optional<Moment> ActivityTasks::expire(Moment now) {
  std::vector<Poll> expired;
  std::optional<Moment> next;
  {
    const sync::MutexLock lock(mutex_);
    for (auto at = queues_.begin(); at != queues_.end();) {
      std::deque<Poll>& polls = at->second.polls;
      while (!polls.empty() && polls.front().until <= now) {
        expired.push_back(std::move(polls.front()));
        polls.pop_front();
      }
      if (!polls.empty() && (!next || polls.front().until < *next)) next = polls.front().until;
      at = polls.empty() && at->second.tasks.empty() ? queues_.erase(at) : std::next(at);
    }
  }
  for (Poll& poll : expired) poll.answer(std::nullopt);
  return next;
}

void ActivityTasks::shutdown() {
  std::map<std::string, Task> tasks;
  std::map<std::string, Queue> queues;
  {
    const sync::MutexLock lock(mutex_);
    tasks.swap(tasks_);
    queues.swap(queues_);
  }
  for (auto& [id, task] : tasks) {
    if (task.offered) task.offered->answer(std::nullopt);
  }
  for (auto& [activity, queue] : queues) {
    for (Poll& poll : queue.polls) poll.answer(std::nullopt);
  }
}

}  // namespace weft::activity
