#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/nearest.h"

namespace weft::asl {
namespace {

constexpr std::string_view kMissingTarget = "MISSING_TRANSITION_TARGET";

// Adds to `reached` what can be reached from `from`: every transition is followed once.
void visit(const BlockContext& block, StateId from, std::set<StateId>& reached) {
  std::vector<StateId> pending = {from};
  while (!pending.empty()) {
    const StateId id = pending.back();
    pending.pop_back();
    if (!reached.insert(id).second) continue;
    const auto targets = block.successors.find(id);
    if (targets == block.successors.end()) continue;
    pending.insert(pending.end(), targets->second.begin(), targets->second.end());
  }
}

// The states of the block from which `at` can be reached by one transition at least; counted from
// the block's first. Kept for the state asked last: its variables are asked one after another.
const std::vector<bool>& states_before(const BlockContext& block, StateId at) {
  BlockContext::Before& before = block.before;
  if (before.of == at) return before.states;
  before.of = at;
  before.states.assign(block.predecessors.size(), false);
  std::vector<StateId> pending = {at};
  while (!pending.empty()) {
    const StateId id = pending.back();
    pending.pop_back();
    for (const StateId from : block.predecessors[id - block.first]) {
      if (before.states[from - block.first]) continue;
      before.states[from - block.first] = true;
      pending.push_back(from);
    }
  }
  return before.states;
}

}  // namespace

void collect_predecessors(BlockContext& block, const json::Value& states) {
  const auto add = [&](const json::Value& target, StateId from) {
    const auto found =
        target.is_string() ? block.names.find(target.as_string()) : block.names.end();
    if (found == block.names.end()) return;
    std::vector<StateId>& known = block.predecessors[found->second - block.first];
    // All transitions of one state come together: ten thousand rules to one state count once.
    if (known.empty() || known.back() != from) known.push_back(from);
  };
  block.predecessors.resize(states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    const json::Value& state = states.member(i);
    const auto id = static_cast<StateId>(block.first + i);
    add(state.find("Next"), id);
    add(state.find("Default"), id);
    for (std::string_view name : {"Catch", "Choices"}) {
      json::Value list = state.find(name);
      for (size_t k = 0; list.is_array() && k < list.size(); ++k) {
        add(list.item(k).find("Next"), id);
      }
    }
  }
}

bool assigned_before(const BlockContext& block, std::string_view name, StateId at) {
  const auto assigning = block.assigned.find(name);
  if (assigning == block.assigned.end()) {
    return false;
  }
  const std::vector<bool>& before = states_before(block, at);
  return std::ranges::any_of(assigning->second,
                             [&](StateId id) { return before[id - block.first]; });
}

std::string meant_state(const BlockContext& block, std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& [known, id] : block.names) names.push_back(known);
  return nearest(name, names);
}

StateId resolve_target(StateContext& context, const json::Value& object, const Path& path,
                       std::string_view name) {
  Compilation& compilation = context.compilation();
  std::optional<std::string> target = read_string(compilation, object, path, name);
  if (!target) {
    return kNoState;
  }
  auto found = context.block.names.find(*target);
  if (found == context.block.names.end()) {
    compilation.error(path.member(name), fmt::format("Missing 'Next' target: {}", *target),
                      kMissingTarget);
    if (compilation.hint_wanted()) compilation.hint(meant_state(context.block, *target));
    return kNoState;
  }
  context.block.successors[context.id].push_back(found->second);
  return found->second;
}

void compile_next(StateContext& context) {
  Compilation& compilation = context.compilation();
  json::Value next = context.json.find("Next");
  json::Value end = context.json.find("End");
  context.state.next = resolve_target(context, context.json, context.path, "Next");
  if (!end.is_undefined() && !end.is_bool()) {
    compilation.error(context.path.member("End"), "Expected value of type Boolean");
    return;
  }
  context.block.terminal = context.block.terminal || end.as_bool();
  if (next.is_undefined() != end.as_bool()) {
    compilation.error(context.path, "Exactly one of these fields is required: [Next, End]");
  }
}

void check_reachability(BlockContext& block, const Path& path) {
  Compilation& compilation = block.compilation;
  const Block& compiled = compilation.program().block(block.id);
  if (!block.terminal) {
    compilation.error_unlocated(path.member("States"), "Workflow has no terminal state",
                                "MISSING_END_STATE");
    return;
  }
  std::set<StateId> reached;
  std::set<StateId> targets;
  if (compiled.start_at != kNoState) {
    visit(block, compiled.start_at, reached);
  }
  for (const auto& [source, nexts] : block.successors) {
    for (const StateId target : nexts) {
      if (source != target) targets.insert(target);
    }
  }
  // Only the head of an unreachable chain is reported: first states nothing leads to, then rings.
  for (bool rings : {false, true}) {
    for (StateId id : compiled.states) {
      if (reached.contains(id) || (!rings && targets.contains(id))) {
        continue;
      }
      const std::string& name = compilation.program().state(id).name;
      compilation.error(path.member("States").member(name),
                        fmt::format("State \"{}\" is not reachable.", name), kMissingTarget);
      visit(block, id, reached);
    }
  }
}

}  // namespace weft::asl
