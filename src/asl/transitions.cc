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

void visit(const BlockContext& block, StateId from, std::set<StateId>& reached) {
  std::vector<StateId> pending = {from};
  while (!pending.empty()) {
    const StateId id = pending.back();
    pending.pop_back();
    if (!reached.insert(id).second) {
      continue;
    }
    for (const auto& [source, target] : block.transitions) {
      if (source == id) {
        pending.push_back(target);
      }
    }
  }
}

}  // namespace

void collect_predecessors(BlockContext& block, const json::Value& states) {
  const auto add = [&](const json::Value& target, StateId from) {
    const auto found =
        target.is_string() ? block.names.find(target.as_string()) : block.names.end();
    if (found != block.names.end()) {
      block.predecessors[found->second].push_back(from);
    }
  };
  for (size_t i = 0; i < states.size(); ++i) {
    const json::Value& state = states.member(i);
    const StateId id = block.compilation.program().block(block.id).states[i];
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
  const std::set<StateId> wanted(assigning->second.begin(), assigning->second.end());
  std::set<StateId> seen;
  std::vector<StateId> pending = {at};
  while (!pending.empty()) {
    const auto found = block.predecessors.find(pending.back());
    pending.pop_back();
    for (size_t i = 0; found != block.predecessors.end() && i < found->second.size(); ++i) {
      const StateId before = found->second[i];
      if (wanted.contains(before)) {
        return true;
      }
      if (seen.insert(before).second) {
        pending.push_back(before);
      }
    }
  }
  return false;
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
    compilation.hint(meant_state(context.block, *target));
    return kNoState;
  }
  context.block.transitions.emplace_back(context.id, found->second);
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
  for (const auto& [source, target] : block.transitions) {
    if (source != target) {
      targets.insert(target);
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
