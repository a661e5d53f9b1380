#include "trace/identity.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace weft::trace {
namespace {

std::vector<std::string_view> parts_of(std::string_view arn) {
  std::vector<std::string_view> parts;
  for (size_t colon; (colon = arn.find(':')) != std::string_view::npos;) {
    parts.push_back(arn.substr(0, colon));
    arn.remove_prefix(colon + 1);
  }
  parts.push_back(arn);
  return parts;
}

// statemachinename, and map_label of a child: as in the labels of metrics.
void add_machine(std::string_view machine, Attributes& out) {
  const std::string_view name = machine_name_of(machine);
  out.emplace_back("statemachinename", name);
  if (name.size() < machine.size()) out.emplace_back("map_label", machine.substr(name.size() + 1));
}

}  // namespace

std::string_view machine_name_of(std::string_view machine) {
  return machine.substr(0, machine.find('/'));
}

std::string_view machine_name_of_run(std::string_view map_run_arn) {
  const std::string_view rest = map_run_arn.substr(0, map_run_arn.rfind(':'));
  return machine_name_of(rest.substr(rest.rfind(':') + 1));
}

std::string_view execution_name_of(std::string_view arn) {
  // arn:PARTITION:states:REGION:ACCOUNT:KIND:MACHINE[/LABEL]:NAME[:UUID]
  constexpr int kColonsBefore = 7;
  size_t start = 0;
  for (int colons = 0; colons < kColonsBefore; ++colons) {
    const size_t colon = arn.find(':', start);
    if (colon == std::string_view::npos) break;
    start = colon + 1;
  }
  return arn.substr(start);
}

Attributes identity_of_execution(const ExecutionTrace& execution, const Placement& placement) {
  Attributes out;
  add_machine(execution.machine, out);
  out.emplace_back("execution_name", execution.name);
  out.emplace_back("is_distributed_map_child", placement.map_child ? "true" : "false");
  const std::vector<std::string_view> parts = parts_of(execution.arn);
  // arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE[/LABEL]:NAME
  if (parts.size() < 8 || parts[0] != "arn") return out;
  out.emplace_back("statemachinearn", fmt::format("arn:{}:states:{}:{}:stateMachine:{}", parts[1],
                                                  parts[3], parts[4], machine_name_of(parts[6])));
  out.emplace_back("execution_arn", execution.arn);
  const Lineage& above = placement.lineage;
  if (!above.parent.empty()) out.emplace_back("parent_execution_arn", above.parent);
  const bool is_root = above.root.empty() && !placement.map_child;
  if (is_root || !above.root.empty()) {
    out.emplace_back("root_execution_arn", is_root ? execution.arn : above.root);
  }
  out.emplace_back("region", parts[3]);
  out.emplace_back("aws_account", parts[4]);
  out.emplace_back("account_id", parts[4]);
  out.emplace_back("workflow_type", parts[5] == "express" ? "express" : "standard");
  return out;
}

Attributes identity_of_state(const ExecutionTrace& execution, bool map_child,
                             const std::string& state) {
  Attributes out = {{"state_name", state}, {"stepname", state}};
  add_machine(execution.machine, out);
  out.emplace_back("is_distributed_map_child", map_child ? "true" : "false");
  return out;
}

MapRunTotals totals_of(const MapRunTrace& run) {
  using enum history::ExecutionStatus;
  MapRunTotals out{.total = run.rows.size() + run.running + run.pending + run.unfinished};
  for (const history::ChildRow& row : run.rows) {
    out.succeeded += row.status == kSucceeded ? 1 : 0;
    out.failed += row.status == kFailed ? 1 : 0;
    out.timed_out += row.status == kTimedOut ? 1 : 0;
    out.aborted += row.status == kAborted ? 1 : 0;
  }
  return out;
}

void add_map_run_facts(const std::string& label, const MapRunTotals& totals, Span& span) {
  span.attributes.emplace_back("map_label", label);
  const auto add = [&span](const char* name, uint64_t count) {
    span.numbers.emplace_back(name, static_cast<double>(count));
  };
  add("map.total", totals.total);
  add("map.succeeded", totals.succeeded);
  add("map.failed", totals.failed);
  add("map.timed_out", totals.timed_out);
  add("map.aborted", totals.aborted);
}

}  // namespace weft::trace
