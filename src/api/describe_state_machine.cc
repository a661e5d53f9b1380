#include "api/machine_configuration.h"
#include "api/operations.h"
#include "aws/answer.h"

namespace weft::api {
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
      .text_if("revisionId", machine->revision_id)
      .text_if("label", arn::parse_states_arn(arn)->label);
  add_machine_configuration(machine->settings(), answer, call.arena);
  if (included != "METADATA_ONLY")
    add_variable_references(*definition, machine->express, answer, call.arena);
  return answer.to_text();
}

}  // namespace weft::api
