#include "trace/identity.h"

#include <string_view>

#include "arn/arn.h"

namespace weft::trace {
namespace {

// statemachinename, and map_label of a child: as in the labels of metrics.
void add_machine(std::string_view machine, Attributes& out) {
  const std::string_view name = arn::machine_name_of(machine);
  out.emplace_back("statemachinename", name);
  if (name.size() < machine.size()) out.emplace_back("map_label", machine.substr(name.size() + 1));
}

}  // namespace

std::string_view machine_name_of_run(std::string_view map_run_arn) {
  return arn::machine_name_of(arn::arn_parts(map_run_arn).machine);
}

Attributes identity_of_execution(const ExecutionTrace& execution, const Placement& placement) {
  Attributes out;
  add_machine(execution.machine, out);
  out.emplace_back("execution_name", execution.name);
  out.emplace_back("is_distributed_map_child", placement.map_child ? "true" : "false");
  const arn::ArnParts parts = arn::arn_parts(execution.arn);
  if (parts.name.empty() || parts.prefix != "arn") return out;
  out.emplace_back("statemachinearn", arn::sibling_arn(execution.arn, "stateMachine",
                                                       arn::machine_name_of(parts.machine)));
  out.emplace_back("execution_arn", execution.arn);
  const Lineage& above = placement.lineage;
  if (!above.parent.empty()) out.emplace_back("parent_execution_arn", above.parent);
  const bool is_root = above.root.empty() && !placement.map_child;
  if (is_root || !above.root.empty()) {
    out.emplace_back("root_execution_arn", is_root ? execution.arn : above.root);
  }
  out.emplace_back("region", parts.region);
  out.emplace_back("aws_account", parts.account);
  out.emplace_back("account_id", parts.account);
  out.emplace_back("workflow_type", parts.kind == "express" ? "express" : "standard");
  return out;
}

Attributes identity_of_state(const ExecutionTrace& execution, bool map_child,
                             const std::string& state) {
  Attributes out = {{"state_name", state}, {"stepname", state}};
  add_machine(execution.machine, out);
  out.emplace_back("is_distributed_map_child", map_child ? "true" : "false");
  return out;
}

history::MapRunCounts counts_of(const MapRunTrace& run) {
  history::MapRunCounts out{.pending = run.pending, .running = run.running + run.unfinished};
  for (const history::ChildRow& row : run.rows) ++out.ended(row.status);
  out.total = out.pending + out.running + run.rows.size();
  return out;
}

void add_map_run_facts(MapRunFacts facts, Span& span) {
  const history::MapRunCounts& counts = facts.counts;
  span.attributes.emplace_back("map_label", std::move(facts.label));
  const auto add = [&span](const char* name, uint64_t count) {
    span.numbers.emplace_back(name, static_cast<double>(count));
  };
  add("map.total", counts.total);
  add("map.succeeded", counts.succeeded);
  add("map.failed", counts.failed);
  add("map.timed_out", counts.timed_out);
  add("map.aborted", counts.aborted);
  span.events = std::move(facts.marks);
  if (facts.detail == nullptr || facts.detail->complete()) return;
  span.attributes.emplace_back("weft.sample.note", sentence_of(*facts.detail));
  add("weft.sample.kept", facts.detail->kept);
  add("weft.sample.of", facts.detail->total);
  if (facts.detail->late_spans > 0) add("weft.sample.late_spans", facts.detail->late_spans);
}

}  // namespace weft::trace
