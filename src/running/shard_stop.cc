#include <algorithm>

#include "running/shard.h"
#include "running/shard_state.h"

// Children of a Map Run that ends before they have.

namespace weft::running {

void Shard::on(StopChildrenOf& message) {
  std::vector<history::ExecutionKey> children;
  for (const auto& [key, live] : executions_) {
    // AWS cannot stop Express children: a run that fails waits for them.
    if (key.run == message.run && (!live->express || message.aborted)) children.push_back(key);
  }
  std::ranges::sort(children);
  if (suspended_ != nullptr) overtaken_runs_[message.run] |= message.aborted;
  for (const history::ExecutionKey& key : children) {
    if (in_turn(key)) {
      effects_.perform(Send{number_, Deliver{key, engine::Stop{}}});
      continue;
    }
    const auto found = executions_.find(key);
    if (found == executions_.end()) continue;
    if (found->second->express) {
      wind_down(*found->second);
    } else {
      advance(*found->second, engine::Stop{});
    }
  }
  if (message.redrives > 0) stopped_redrives_[message.run] = message.redrives;
}

// An Express child of a run that was stopped: calls that are at work are waited for, as AWS does;
// nothing else begins.
void Shard::wind_down(Live& live) {
  TurnCommit commit;  // behind the calls, which may still wait for their turn to be stored
  for (const engine::Scope& scope : live.state.scopes) {
    if (scope.waiting != engine::Waiting::kTask) continue;
    commit.effects.emplace_back(
        integrations::WithdrawRequest{live.key, request_id(live, scope.task)});
  }
  if (commit.effects.empty()) {
    advance(live, engine::Stop{});
    return;
  }
  live.winding_down = true;
  commits_.submit(std::move(commit));
}

void Shard::begin_nothing(Live& live, engine::Decision& decision,
                          const engine::Surroundings& surroundings) {
  const auto begins = [](const engine::Action& action) {
    return !std::holds_alternative<engine::CancelTask>(action);
  };
  if (std::ranges::none_of(decision.actions, begins)) return;
  std::erase_if(decision.actions, begins);
  engine::Decision end = engine::decide(live.state, engine::Stop{}, surroundings);
  std::ranges::move(end.events, std::back_inserter(decision.events));
  std::ranges::move(end.actions, std::back_inserter(decision.actions));
}

}  // namespace weft::running
