#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"

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
