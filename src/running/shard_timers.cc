#include <algorithm>

#include "base/check.h"
#include "running/shard.h"
#include "running/shard_state.h"

// What time does to executions. Durations are counted by the steady clock, so that nothing waits or
// ends because somebody set the wall clock; a Timestamp is due when the wall clock says so.

namespace weft::running {

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
  WEFT_CHECK(std::erase(live.timers, timer) > 0);
  if (timer.task == kExecutionDeadline) {
    advance(live, engine::ExecutionDeadline{});
  } else if (timer.task != 0) {
    advance(live, engine::TaskDeadline{timer.scope, timer.task, timer.heartbeat});
  } else {
    advance(live, engine::WaitOver{timer.scope, timer.due_ms});
  }
}

}  // namespace weft::running
