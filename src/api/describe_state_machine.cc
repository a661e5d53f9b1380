#include "api/machine_configuration.h"
#include "api/operations.h"
#include "asl/compile.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

// Which variables each state refers to; states without any are left out.
json::Value variable_references(const base::Text& definition, bool express, json::Arena& arena) {
  const auto compiled = asl::compile(definition, {.express = express});
  aws::Answer states(arena);
  if (!compiled.program) return states.finish();
  for (const auto& [state, variables] : asl::variable_references(*compiled.program)) {
    json::ArrayBuilder names(arena);
    for (const std::string& name : variables) names.push(json::Value::string(name, arena));
    states.value(state, names.finish());
  }
  return states.finish();
}

}  // namespace

aws::Reply describe_state_machine(Call& call) {
  const auto arn = call.in.required("stateMachineArn", kArnCharsMax);
  const auto included = call.in.one_of("includedData", {"ALL_DATA", "METADATA_ONLY"});
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  auto machine = call.query.machine(arn);
  if (!machine) return std::unexpected(machine.error());
  auto definition = call.query.definition(machine->definition_hash);
  if (!definition) return std::unexpected(definition.error());
  aws::Answer answer(call.arena);
  answer.text("stateMachineArn", arn).text("name", machine->name).text("status", "ACTIVE");
  if (included != "METADATA_ONLY") answer.text("definition", definition->view());
  answer.text("roleArn", machine->role_arn)
      .text("type", machine->express ? "EXPRESS" : "STANDARD")
      .time("creationDate", machine->created_ms)
      .text_if("label", arn::parse_states_arn(arn)->label);
  add_machine_configuration(machine->logging, answer, call.arena);
  if (included != "METADATA_ONLY") {
    const auto references = variable_references(*definition, machine->express, call.arena);
    if (references.size() > 0) answer.value("variableReferences", references);
  }
  return answer.to_text();
}

}  // namespace weft::api
