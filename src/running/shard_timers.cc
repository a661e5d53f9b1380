#include <algorithm>

#include "base/check.h"
#include "running/shard.h"
#include "running/shard_state.h"

// What time does to executions. Durations are counted by the steady clock, so that nothing waits or
// ends because somebody set the wall clock; a Timestamp is due when the wall clock says so.

namespace weft::running {
namespace {

// Whether what the task calls may not have begun because it waits for its turn in Weft.
bool may_wait_here(const engine::ExecutionState& state, const engine::Scope& scope) {
  const auto* task = std::get_if<asl::TaskState>(&state.program->state(scope.state).body);
  return task != nullptr && !scope.task_submitted &&
         task->resource.kind != asl::TaskResource::Kind::kActivity;
}

}  // namespace

int64_t Shard::now_us(const Live& live) const {
  return std::max(clock_.now_us() + live.ahead_us, live.state.last_event_ms * 1'000);
}

void Shard::add_timer(Live& live, Timer timer) {
  timer.due_us = timer.due_ms * 1'000;
  // What the execution counts runs beside the steady clock, so far ahead. The wall clock may be
  // read late here, so that nothing is due early.
  if (!timer.timestamp) {
    const int64_t now = now_us(live);
    timer.due_us -= now - clock_.steady_us();
  }
  (timer.timestamp ? timestamps_ : timers_).insert(timer);
  live.timers.push_back(timer);
}

void Shard::remove_timers(Live& live) {
  for (const Timer& timer : live.timers) remove_timer(timer);
  live.timers.clear();
}

std::optional<int64_t> Shard::until_due_us() const {
  std::optional<int64_t> until;
  if (!timers_.empty()) until = timers_.begin()->due_us - clock_.steady_us();
  if (timestamps_.empty()) return until;
  const int64_t moment = timestamps_.begin()->due_us - clock_.wall_us();
  return until ? std::min(*until, moment) : moment;
}

void Shard::fire_due() {
  if (!timers_.empty()) {
    const int64_t now = clock_.steady_us();
    while (!timers_.empty() && timers_.begin()->due_us <= now) fire(*timers_.begin());
  }
  if (timestamps_.empty()) return;
  const int64_t wall = clock_.wall_us();
  while (!timestamps_.empty() && timestamps_.begin()->due_us <= wall) fire(*timestamps_.begin());
}

void Shard::fire(const Timer& due) {
  const Timer timer = due;  // `due` goes
  remove_timer(timer);
  const auto found = executions_.find(timer.key);
  if (found == executions_.end()) return;
  Live& live = *found->second;
  // R9: a timer is known to its execution, which takes it along when it ends.
  const size_t erased = std::erase(live.timers, timer);
  WEFT_CHECK(erased > 0);
  if (timer.task == kExecutionDeadline) {
    advance(live, engine::ExecutionDeadline{});
  } else if (timer.task != 0) {
    const engine::Scope* waits = live.state.find(timer.scope);
    const bool ours = waits != nullptr && waits->task == timer.task;
    if (ours && waits->task_submitted && has_more_time(live, *waits, timer)) return;
    if (!ours || !may_wait_here(live.state, *waits)) {
      advance(live, engine::TaskDeadline{timer.scope, timer.task, timer.heartbeat});
      return;
    }
    effects_.perform(integrations::DeadlineRequest{.key = live.key,
                                                   .scope = timer.scope,
                                                   .task = timer.task,
                                                   .heartbeat = timer.heartbeat,
                                                   .request_id = request_id(live, timer.task)});
  } else {
    advance(live, engine::WaitOver{timer.scope, timer.due_ms});
  }
}

bool Shard::has_more_time(Live& live, const engine::Scope& waits, const Timer& timer) {
  std::optional<int64_t> due = waits.task_deadline_ms;
  if (timer.heartbeat) {
    due.reset();
    if (waits.task_began_ms != 0) due = waits.task_began_ms + waits.task_heartbeat_seconds * 1'000;
  }
  if (!due || timer.due_ms >= *due || *due <= now_us(live) / 1'000) return false;
  add_timer(live, {.due_ms = *due,
                   .key = timer.key,
                   .scope = timer.scope,
                   .task = timer.task,
                   .heartbeat = timer.heartbeat});
  return true;
}

// The time of a task begins when its call does, as on AWS, where no call waits for a process: what
// it waited for its turn here is added to what it has.
void Shard::on(TaskOverdue& message) {
  const auto& [key, scope, task, heartbeat, id] = message.asked;
  const auto found = executions_.find(key);
  if (found == executions_.end()) return;
  Live& live = *found->second;
  const engine::Scope* waits = live.state.find(scope);
  if (waits == nullptr || waits->task != task) return;
  const auto is_next = [&](const Timer& timer) {
    return timer.task == task && timer.heartbeat == heartbeat;
  };
  if (std::ranges::any_of(live.timers, is_next)) return;  // a heartbeat came meanwhile
  if (message.timing && heartbeat) {
    const int64_t now = now_us(live) / 1'000;
    const int64_t began = message.timing->started_ms == 0 ? now : message.timing->started_ms;
    const int64_t due = began + waits->task_heartbeat_seconds * 1'000;
    if (due > now)
      return add_timer(
          live, {.due_ms = due, .key = key, .scope = scope, .task = task, .heartbeat = true});
  } else if (message.timing && waits->task_deadline_ms) {
    const int64_t due = *waits->task_deadline_ms + message.timing->queued_us / 1'000;
    if (due > now_us(live) / 1'000) return set_deadline(live, scope, task, due);
  }
  advance(live, engine::TaskDeadline{scope, task, heartbeat, message.timing});
}

}  // namespace weft::running
