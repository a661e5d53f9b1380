#include "api/machine_configuration.h"
#include "api/operations.h"
#include "api/tags.h"
#include "asl/compile.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "integrations/registry.h"

namespace weft::api {
namespace {

// Creating a machine again with the same definition, type, logging and tracing is a success and
// changes nothing (the definition is compared as text, roleArn and tags not at all). Nothing when
// there is no machine of that name.
std::expected<std::optional<records::MachineRecord>, aws::Fault> existing_machine(
    const Call& call, std::string_view name, std::string_view definition, bool express,
    const records::LoggingConfiguration& logging, bool tracing) {
  const std::string arn = arn::machine_arn(call.query.identity(), name);
  auto machine = call.query.machine(arn);
  if (!machine) {
    if (machine.error().code == base::ErrorCode::kStateMachineDoesNotExist) return std::nullopt;
    return std::unexpected(aws::Fault(machine.error()));
  }
  auto text = call.query.definition(machine->definition_hash);
  if (!text) return std::unexpected(aws::Fault(text.error()));
  if (text->view() != definition || machine->express != express || machine->logging != logging ||
      machine->tracing != tracing) {
    return std::unexpected(aws::Fault(base::ErrorCode::kStateMachineAlreadyExists,
                                      "State Machine Already Exists: '" + arn + "'"));
  }
  return std::move(*machine);
}

}  // namespace

aws::Reply create_state_machine(Call& call) {
  const auto name = call.in.required("name", base::kNameCharsMax);
  const auto definition = call.in.required("definition", base::kDefinitionBytesMax);
  const auto role_arn = call.in.required("roleArn", kArnCharsMax);
  const bool express = call.in.one_of("type", {"STANDARD", "EXPRESS"}) == "EXPRESS";
  const Versioning versioning = read_versioning(call.in);
  const json::Value tag_list = call.in.array("tags");
  const json::Value logging_value = call.in.object("loggingConfiguration");
  const json::Value tracing_value = call.in.object("tracingConfiguration");
  const json::Value encryption = call.in.object("encryptionConfiguration");
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto ok = check_versioning(versioning); !ok) return std::unexpected(ok.error());
  if (auto ok = arn::check_name(name); !ok) return std::unexpected(ok.error());
  if (auto ok = check_role(role_arn); !ok) return std::unexpected(ok.error());

  auto tags = tags_of(tag_list);
  if (!tags) return std::unexpected(tags.error());
  auto logging = logging_configuration(logging_value);
  if (!logging) return std::unexpected(logging.error());

  const auto tracing = tracing_configuration(tracing_value);
  if (!tracing) return std::unexpected(tracing.error());
  if (auto ok = check_encryption(encryption); !ok) return std::unexpected(ok.error());

  auto existing =
      existing_machine(call, name, definition, express, *logging, tracing->value_or(false));
  if (!existing) return std::unexpected(existing.error());
  if (!*existing) {
    const base::Text text{definition};
    const auto compiled =
        asl::compile(text, {.express = express, .unavailable = integrations::why_unavailable});
    if (!compiled.program) return std::unexpected(asl::invalid_definition(compiled.diagnostics));
    auto created = call.host.create_state_machine({.name = std::string(name),
                                                   .definition = text,
                                                   .role_arn = std::string(role_arn),
                                                   .express = express,
                                                   .logging = *logging,
                                                   .tracing = tracing->value_or(false),
                                                   .tags = std::move(*tags)});
    if (!created) return std::unexpected(created.error());
    *existing = std::move(*created);
  }
  return aws::Answer(call.arena)
      .text("stateMachineArn", (*existing)->arn)
      .time("creationDate", (*existing)->created_ms)
      .to_text();
}

}  // namespace weft::api
