#include <algorithm>
#include <set>

#include "asl/compile.h"

namespace weft::asl {
namespace {

using Names = std::set<std::string>;

void collect(const Template& node, Names& names) {
  if (node.query) {
    node.query->add_variables(names);
  }
}

void collect(const std::optional<Template>& node, Names& names) {
  if (node) {
    collect(*node, names);
  }
}

void collect(const std::vector<Assignment>& assign, Names& names) {
  for (const Assignment& assignment : assign) {
    collect(assignment.value, names);
  }
}

struct BodyCollector {
  Names& names;

  void operator()(const PassState& pass) const { collect(pass.result, names); }
  void operator()(const SucceedState&) const {}
  void operator()(const TaskState& task) const {
    collect(task.arguments, names);
    collect(task.timeout_seconds, names);
    collect(task.heartbeat_seconds, names);
    collect(task.credentials, names);
  }
  void operator()(const ChoiceState& choice) const {
    for (const ChoiceRule& rule : choice.rules) {
      collect(rule.condition, names);
      collect(rule.output, names);
      collect(rule.assign, names);
    }
  }
  void operator()(const WaitState& wait) const {
    collect(wait.seconds, names);
    collect(wait.timestamp, names);
  }
  void operator()(const FailState& fail) const {
    collect(fail.error, names);
    collect(fail.cause, names);
  }
  void operator()(const ParallelState& parallel) const { collect(parallel.arguments, names); }
  void operator()(const MapState& map) const {
    collect(map.items, names);
    collect(map.item_selector, names);
    collect(map.max_concurrency, names);
    collect(map.tolerated_failure_percentage, names);
    collect(map.tolerated_failure_count, names);
    if (map.item_reader) {
      collect(map.item_reader->arguments, names);
      collect(map.item_reader->max_items, names);
    }
    if (map.item_batcher) {
      collect(map.item_batcher->max_items_per_batch, names);
      collect(map.item_batcher->max_input_bytes_per_batch, names);
      collect(map.item_batcher->batch_input, names);
    }
  }
};

}  // namespace

std::map<std::string, std::vector<std::string>> variable_references(const Program& program) {
  std::map<std::string, std::vector<std::string>> result;
  for (const State& state : program.states) {
    Names names;
    std::visit(BodyCollector{names}, state.body);
    collect(state.input, names);
    collect(state.output, names);
    collect(state.assign, names);
    for (const Catcher& catcher : state.catchers) {
      collect(catcher.output, names);
      collect(catcher.assign, names);
    }
    if (!names.empty()) {
      result[state.name].assign(names.begin(), names.end());
    }
  }
  return result;
}

}  // namespace weft::asl
