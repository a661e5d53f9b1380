#include "api/labelled_arn.h"
#include "api/machine_configuration.h"
#include "api/operations.h"
#include "asl/compile.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "integrations/registry.h"

namespace weft::api {
namespace {

// With what Weft cannot run, as CreateStateMachine judges it.
std::expected<void, aws::Fault> check_definition(const base::Text& definition, bool express) {
  const auto compiled =
      asl::compile(definition, {.express = express, .unavailable = integrations::why_unavailable});
  if (compiled.program) return {};
  return std::unexpected(aws::Fault(asl::invalid_definition(compiled.diagnostics)));
}

}  // namespace

aws::Reply update_state_machine(Call& call) {
  running::UpdateStateMachine request{
      .arn = std::string(call.in.required("stateMachineArn", kArnCharsMax))};
  const auto definition = call.in.optional("definition", base::kDefinitionBytesMax);
  request.role_arn = std::optional<std::string>(call.in.optional("roleArn", kArnCharsMax));
  const json::Value logging = call.in.object("loggingConfiguration");
  const json::Value tracing = call.in.object("tracingConfiguration");
  const json::Value encryption = call.in.object("encryptionConfiguration");
  const Versioning versioning = read_versioning(call.in);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto ok = unlabelled_machine(request.arn); !ok) return std::unexpected(ok.error());
  if (auto ok = check_versioning(versioning); !ok) return std::unexpected(ok.error());
  if (auto ok = check_encryption(encryption); !ok) return std::unexpected(ok.error());
  if (request.role_arn) {
    if (auto ok = check_role(*request.role_arn); !ok) return std::unexpected(ok.error());
  }
  if (!definition && !request.role_arn && !logging.is_object() && !tracing.is_object() &&
      !encryption.is_object()) {
    return std::unexpected(
        aws::Fault::named("MissingRequiredParameter",
                          "Either the definition, the role ARN, the LoggingConfiguration, or the "
                          "TracingConfiguration must be specified"));
  }
  if (logging.is_object()) {
    auto read = logging_configuration(logging);
    if (!read) return std::unexpected(read.error());
    request.logging = std::move(*read);
  }
  const auto traced = tracing_configuration(tracing);
  if (!traced) return std::unexpected(traced.error());
  request.tracing = *traced;
  if (definition) {
    request.definition = base::Text(*definition);
    const auto machine = call.query.machine(request.arn);
    if (!machine) return std::unexpected(machine.error());
    if (auto ok = check_definition(*request.definition, machine->express); !ok)
      return std::unexpected(ok.error());
  }
  const auto updated = call.host.update_state_machine(request);
  if (!updated) return std::unexpected(updated.error());
  return aws::Answer(call.arena)
      .time("updateDate", updated->updated_ms)
      .text_if("revisionId", updated->revision_id)
      .to_text();
}

}  // namespace weft::api
