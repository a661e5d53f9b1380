#include "api/execution_arn.h"
#include "api/machine_configuration.h"
#include "api/operations.h"
#include "asl/compile.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

// What the answer shows, for a top-level execution or a child.
struct Subject {
  std::string machine_arn;
  std::string name;
  std::string definition_hash;
  std::string role_arn;
  std::string revision_id;
  std::string map_run_arn;
  std::string label;
  asl::StateId map_state = asl::kNoState;  // children only
  base::UnixMs update_ms = 0;              // of the revision; 0 in older stores
  base::UnixMs start_ms = 0;
  std::optional<records::MachineSettings> settings;  // of the revision; none in older stores
};

// In older stores no execution has the date of its revision. That of the machine is it while the
// machine has the same one; if not, or when it was deleted, the execution's start stands in.
base::UnixMs guessed_update(const Subject& subject, const records::MachineRecord* machine) {
  const bool same = machine != nullptr && machine->definition_hash == subject.definition_hash &&
                    machine->revision_id == subject.revision_id;
  return same ? machine->since_ms() : subject.start_ms;
}

base::Result<Subject> find_subject(const reading::Query& query, std::string_view arn) {
  auto key = standard_execution(query, arn, ExpressChildren::kTaken);
  if (!key) return std::unexpected(key.error());
  if (key->run == 0) {
    auto record = query.execution_record(*key);
    if (!record) return std::unexpected(record.error());
    return Subject{.machine_arn = record->machine_arn,
                   .name = record->machine_name,
                   .definition_hash = record->definition_hash,
                   .role_arn = record->role_arn,
                   .revision_id = record->revision_id,
                   .update_ms = record->revision_ms,
                   .start_ms = record->start_ms,
                   .settings = std::move(record->settings)};
  }
  auto run = query.map_run(key->run);
  if (!run) return std::unexpected(run.error());
  auto parent = query.execution_record(run->parent);
  if (!parent) return std::unexpected(parent.error());
  const std::string name = run->machine_name + "/" + run->label;
  return Subject{.machine_arn = arn::machine_arn(query.identity(), name),
                 .name = name,
                 .definition_hash = run->definition_hash,
                 .role_arn = run->role_arn,
                 .revision_id = parent->revision_id,
                 .map_run_arn = run->arn,
                 .label = run->label,
                 .map_state = run->state,
                 .update_ms = parent->revision_ms,
                 .start_ms = run->start_ms,
                 .settings = std::move(parent->settings)};
}

}  // namespace

aws::Reply describe_state_machine_for_execution(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const auto included = call.in.one_of("includedData", {"ALL_DATA", "METADATA_ONLY"});
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  auto subject = find_subject(call.query, arn);
  if (!subject) return std::unexpected(subject.error());
  auto text = call.query.definition(subject->definition_hash);
  if (!text) return std::unexpected(text.error());
  std::string definition = text->str();
  if (subject->map_state != asl::kNoState) {
    const auto compiled = asl::compile(*text);
    if (!compiled.program) return std::unexpected(asl::invalid_definition(compiled.diagnostics));
    definition = asl::processor_definition(*compiled.program, subject->map_state);
  }
  auto machine = call.query.machine(
      arn::machine_arn(call.query.identity(), subject->name.substr(0, subject->name.find('/'))));
  if (subject->update_ms == 0)
    subject->update_ms = guessed_update(*subject, machine ? &*machine : nullptr);
  aws::Answer answer(call.arena);
  answer.text("stateMachineArn", subject->machine_arn).text("name", subject->name);
  if (included != "METADATA_ONLY") answer.text("definition", definition);
  answer.text("roleArn", subject->role_arn).time("updateDate", subject->update_ms);
  if (!subject->settings)
    subject->settings = machine ? machine->settings() : records::MachineSettings();
  add_machine_configuration(*subject->settings, answer, call.arena);
  answer.text_if("mapRunArn", subject->map_run_arn)
      .text_if("label", subject->label)
      .text_if("revisionId", subject->revision_id);
  if (included != "METADATA_ONLY")
    add_variable_references(base::Text(definition), false, answer, call.arena);
  return answer.to_text();
}

}  // namespace weft::api
