#include <algorithm>
#include <memory>
#include <utility>

#include "asl/resource.h"
#include "base/check.h"
#include "running/shard.h"
#include "running/shard_state.h"

// Tasks that are answered by token: whoever has it, and the heartbeats.

namespace weft::running {
namespace {

const asl::TaskResource& resource_of(const engine::ExecutionState& state,
                                     const engine::Scope& scope) {
  return std::get<asl::TaskState>(state.program->state(scope.state).body).resource;
}

engine::Input input_of(const engine::Scope& scope, TaskAnswer& answer) {
  if (auto* success = std::get_if<TaskSuccess>(&answer)) {
    return engine::TaskSucceeded{
        .scope = scope.id, .task = scope.task, .output = std::move(success->output)};
  }
  auto& failure = std::get<TaskFailure>(answer);
  return engine::TaskFailed{.scope = scope.id,
                            .task = scope.task,
                            .error = std::move(failure.error),
                            .cause = std::move(failure.cause)};
}

}  // namespace

void Shard::expect_heartbeat(Live& live, engine::ScopeId scope, uint32_t task, int64_t seconds) {
  if (seconds == 0) return;
  const auto known = std::ranges::find_if(
      live.timers, [&](const Timer& timer) { return timer.heartbeat && timer.task == task; });
  if (known != live.timers.end()) {
    remove_timer(*known);
    live.timers.erase(known);
  }
  add_timer(live, {.due_ms = now_us(live) / 1'000 + seconds * 1'000,
                   .key = live.key,
                   .scope = scope,
                   .task = task,
                   .heartbeat = true});
}

void Shard::on(AnswerTask& message) {
  WEFT_CHECK(owner(message.key, settings_.shards) == number_);  // R4
  auto told = std::make_shared<std::move_only_function<void(bool)>>(std::move(message.told));
  const auto tell = [&told](bool taken) { return Notify{[told, taken] { (*told)(taken); }}; };
  TurnCommit commit;
  const auto found = executions_.find(message.key);
  const engine::Scope* waits = nullptr;
  if (found != executions_.end()) {
    for (const engine::Scope& scope : found->second->state.scopes) {
      const bool out = scope.waiting == engine::Waiting::kTask && scope.task == message.task;
      if (out && asl::answered_by_token(resource_of(found->second->state, scope))) waits = &scope;
    }
  }
  if (waits == nullptr) {
    // Told when what took the task away is durable.
    commit.effects.emplace_back(tell(false));
    return commits_.submit(std::move(commit));
  }
  Live& live = *found->second;
  if (std::holds_alternative<TaskHeartbeat>(message.answer)) {
    // Nothing is stored: after a crash the heartbeats begin anew.
    const bool queued =
        resource_of(live.state, *waits).kind == asl::TaskResource::Kind::kActivity &&
        !waits->task_submitted;
    if (!queued) expect_heartbeat(live, waits->id, waits->task, waits->task_heartbeat_seconds);
    return (*told)(true);
  }
  commit.effects.emplace_back(tell(true));
  const bool ended = advance(live, input_of(*waits, message.answer), std::move(commit));
  WEFT_CHECK(ended);  // T2: an answer that is taken ends its task, in the turn that tells so
}

std::vector<WaitingTask> Shard::waiting_tasks(history::ExecutionKey key) const {
  std::vector<WaitingTask> all;
  const auto found = executions_.find(key);
  if (found == executions_.end()) return all;
  const Live& live = *found->second;
  for (const engine::Scope& scope : live.state.scopes) {
    if (scope.waiting != engine::Waiting::kTask) continue;
    const asl::TaskResource& resource = resource_of(live.state, scope);
    // What takes the token along is still on its way, or nobody has it.
    if (!asl::answered_by_token(resource)) continue;
    const bool queued = !scope.task_submitted;
    if (queued && resource.kind != asl::TaskResource::Kind::kActivity) continue;
    WaitingTask one{.state_name = live.state.program->state(scope.state).name,
                    .resource = resource.arn,
                    .since_ms = scope.entered_ms,
                    .attempt = scope.task};
    if (!queued && settings_.tokens != nullptr)
      one.task_token = settings_.tokens->token({key, scope.task});
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace weft::running
