#include "running/nested_executions.h"

#include <utility>

#include "arn/place.h"
#include "base/check.h"
#include "running/nested_call.h"
#include "sync/mutex.h"

namespace weft::running {
namespace {

// They wait for reads only.
constexpr int kThreads = 2;

bool is_awaited(const integrations::TaskRequest& request) {
  const asl::IntegrationPattern pattern = integrations::resource_of(request).pattern;
  return pattern == asl::IntegrationPattern::kSync || pattern == asl::IntegrationPattern::kSync2;
}

bool is_synchronous(const integrations::TaskRequest& request) {
  return integrations::resource_of(request).resource == "startSyncExecution";
}

// Definitions name a state machine by the ARN it has where they were deployed. Here that means the
// one of this name, if there is one.
std::string at_home(const reading::Query& query, const std::string& machine_arn) {
  const auto parts = arn::parse_states_arn(machine_arn);
  if (!parts || arn::is_at(query.identity(), machine_arn) || !parts->name.empty())
    return machine_arn;
  std::string own = arn::machine_arn(query.identity(), parts->machine);
  return query.machine(own) ? own : machine_arn;
}

}  // namespace

NestedExecutions::NestedExecutions(ExecutionStarts& starts)
    : starts_(starts),
      pool_(std::make_unique<net::WorkerPool>(kThreads)),
      post_([this](auto job) { pool_->post(std::move(job)); }) {}

NestedExecutions::NestedExecutions(ExecutionStarts& starts, Post post)
    : starts_(starts), post_(std::move(post)) {}

NestedExecutions::~NestedExecutions() = default;

void NestedExecutions::stop() { pool_.reset(); }

void NestedExecutions::run(const integrations::TaskRequest& request, Done done) {
  {
    const sync::MutexLock lock(mutex_);
    jobs_.insert_or_assign(request.request_id, Job{.request = request, .done = std::move(done)});
  }
  post_([this, id = request.request_id] { start(id); });
}

std::optional<NestedExecutions::Job> NestedExecutions::take(const std::string& id) {
  const sync::MutexLock lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  Job job = std::move(found->second);
  jobs_.erase(found);
  if (!job.nested) return job;
  auto [waiter, end] = awaited_.equal_range(job.nested->key);
  while (waiter != end && waiter->second != id) ++waiter;
  if (waiter != end) awaited_.erase(waiter);
  return job;
}

void NestedExecutions::start(const std::string& id) {
  base::Result<StartExecution> call;
  ExecutionStarts::Task task{.request_id = id};
  bool synchronous = false;
  {
    sync::MutexLock lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    Job& job = found->second;
    if (job.given_up) {
      const Job gone = std::move(job);
      jobs_.erase(found);
      lock.unlock();
      return stop_started(gone);
    }
    job.begun = true;
    call = nested_start_of(job.request);
    if (call) call->machine_arn = at_home(starts_.executions(), call->machine_arn);
    synchronous = is_synchronous(job.request);
    task.execution_arn = job.request.execution_arn;
    if (job.request.detail.run != 0) task.child = job.request.detail;
    if (is_awaited(job.request)) {
      task.waiter = job.request.key;
      task.waiting_task = job.request.task;
    }
  }
  const bool waits = task.waiting_task != 0;
  if (!call) {
    if (auto job = take(id))
      job->done(integrations::task_failed(job->request, "States.Runtime", call.error().message));
    return;
  }
  if (synchronous) {
    return starts_.start_synchronous(std::move(*call), std::move(task),
                                     [this, id](base::Result<reading::ExecutionView> ended) {
                                       if (!ended) return refuse(id, ended.error());
                                       answer_ended(id, *ended);
                                     });
  }
  starts_.start(std::move(*call), std::move(task),
                [this, id, waits](base::Result<ExecutionStarts::Started> started) {
                  if (!started) return refuse(id, started.error());
                  if (!waits) return answer(id, started->record);
                  await(id, *started);
                });
}

void NestedExecutions::stop_started(const Job& job) {
  const auto call = nested_start_of(job.request);
  if (!call || !is_awaited(job.request)) return;
  const auto machine = arn::parse_states_arn(call->machine_arn);
  if (!machine) return;
  const reading::Query& query = starts_.executions();
  const auto key =
      query.find_execution(arn::execution_arn(query.identity(), machine->machine, call->name));
  if (!key) return;
  const auto record = query.execution_record(*key);
  if (record && record->started_by == job.request.request_id) starts_.stop(*key);
}

void NestedExecutions::answer_ended(const std::string& id, const reading::ExecutionView& nested) {
  auto job = take(id);
  if (!job) return;
  job->done(engine::TaskSucceeded{.scope = job->request.scope,
                                  .task = job->request.task,
                                  .output = base::Text(nested_synchronous_text(nested))});
}

void NestedExecutions::refuse(const std::string& id, const base::Error& error) {
  if (auto job = take(id)) job->done(nested_refused(job->request, error));
}

void NestedExecutions::answer(const std::string& id, const records::ExecutionRecord& nested) {
  auto job = take(id);
  if (!job) return;
  job->done(engine::TaskSucceeded{.scope = job->request.scope,
                                  .task = job->request.task,
                                  .output = base::Text(nested_started_text(job->request, nested))});
}

void NestedExecutions::await(const std::string& id, const ExecutionStarts::Started& started) {
  {
    const sync::MutexLock lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return starts_.stop(started.record.key);  // given up meanwhile
    Job& job = found->second;
    // R15: a task waits for what it started itself, and for one execution.
    WEFT_CHECK(job.begun && !job.nested);
    // Under the lock, so that it comes before the outcome.
    job.done(engine::TaskSubmitted{job.request.scope, job.request.task,
                                   base::Text(nested_started_text(job.request, started.record))});
    job.nested = started.record;
    awaited_.emplace(started.record.key, id);
  }
  // Its end may have been told before anybody waited for it.
  if (!started.known) return;
  const auto now = starts_.executions().execution_record(started.record.key);
  if (now && now->status != history::ExecutionStatus::kRunning) ended(now->key);
}

void NestedExecutions::ended(history::ExecutionKey key) {
  const sync::MutexLock lock(mutex_);
  const auto [first, last] = awaited_.equal_range(key);
  for (auto one = first; one != last; ++one) {
    post_([this, id = one->second] { finish(id); });
  }
}

void NestedExecutions::finish(const std::string& id) {
  auto job = take(id);
  if (!job) return;
  WEFT_CHECK(job->nested.has_value());  // R15
  const auto nested = starts_.executions().execution(job->nested->arn);
  if (!nested) {
    return job->done(integrations::task_failed(
        job->request, "States.Runtime",
        "The nested execution cannot be read: " + nested.error().message));
  }
  job->done(nested_outcome(job->request, *nested));
}

void NestedExecutions::cancel(const std::string& request_id) {
  {
    // A delivery after a crash that nobody has looked at yet: there may be an execution.
    const sync::MutexLock lock(mutex_);
    const auto found = jobs_.find(request_id);
    if (found != jobs_.end() && !found->second.begun) {
      found->second.given_up = true;
      return;
    }
  }
  const auto job = take(request_id);
  if (job && job->nested) starts_.stop(job->nested->key);
}

}  // namespace weft::running
