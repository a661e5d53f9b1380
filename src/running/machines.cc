#include "running/machines.h"

#include <fmt/format.h>

#include "arn/arn.h"
#include "records/content_hash.h"

namespace weft::running {

using base::ErrorCode;
using base::fail;

std::unexpected<aws::Fault> nothing_to_tag(std::string_view arn) {
  return std::unexpected(
      aws::Fault(ErrorCode::kResourceNotFound, fmt::format("Resource not found: '{}'", arn)));
}

std::expected<void, aws::Fault> check_tag_count(const records::Tags& tags) {
  if (tags.size() <= records::kTagsMax) return {};
  return std::unexpected(aws::Fault::named(
      "TooManyTags",
      fmt::format("Too Many Tags: '{} tags, the limit is {}'", tags.size(), records::kTagsMax)));
}

base::Result<records::MachineRecord> Machines::create(const CreateStateMachine& request) {
  if (auto named = arn::check_name(request.name); !named) return std::unexpected(named.error());
  auto program = programs_.compile(request.definition, {.express = request.express});
  if (!program) return std::unexpected(program.error());
  records::MachineRecord record;
  record.name = request.name;
  record.arn = arn::machine_arn(query_.identity(), request.name);
  record.role_arn = request.role_arn;
  record.express = request.express;
  record.logging = request.logging;
  record.tracing = request.tracing;
  record.created_ms = clock_.now_ms();
  record.definition_hash = records::content_hash(request.definition.view());
  record.tags = request.tags;
  const sync::MutexLock lock(mutex_);
  if (auto known = query_.machine(record.arn)) {
    if (known->definition_hash == record.definition_hash && known->express == record.express &&
        known->logging == record.logging && known->tracing == record.tracing) {
      return known;
    }
    return fail(ErrorCode::kStateMachineAlreadyExists,
                fmt::format("State Machine Already Exists: '{}'", record.arn));
  }
  store::Batch batch;
  batch.put(store::Family::kDefinition, record.definition_hash, request.definition.str());
  batch.put(store::Family::kMachine, record.name, records::encode(record));
  if (auto stored = commit_(std::move(batch)); !stored) return std::unexpected(stored.error());
  return record;
}

base::Result<records::MachineRecord> Machines::update(const UpdateStateMachine& request) {
  const sync::MutexLock lock(mutex_);
  auto machine = query_.machine(request.arn);
  if (!machine) return machine;
  records::MachineRecord record = *machine;
  store::Batch batch;
  if (request.definition) {
    auto program = programs_.compile(*request.definition, {.express = record.express});
    if (!program) return std::unexpected(program.error());
    record.definition_hash = records::content_hash(request.definition->view());
    batch.put(store::Family::kDefinition, record.definition_hash, request.definition->str());
  }
  if (request.role_arn) record.role_arn = *request.role_arn;
  if (request.logging) record.logging = *request.logging;
  if (request.tracing) record.tracing = *request.tracing;
  const bool differs = record.definition_hash != machine->definition_hash ||
                       record.role_arn != machine->role_arn || record.logging != machine->logging;
  if (differs) record.revision_id = aws::random_uuid();
  record.updated_ms = clock_.now_ms();
  batch.put(store::Family::kMachine, record.name, records::encode(record));
  if (auto stored = commit_(std::move(batch)); !stored) return std::unexpected(stored.error());
  return record;
}

base::Result<void> Machines::remove(std::string_view arn) {
  const sync::MutexLock lock(mutex_);
  auto machine = query_.machine(arn);
  if (!machine) {
    if (machine.error().code == ErrorCode::kStateMachineDoesNotExist) return {};  // AWS answers 200
    return std::unexpected(machine.error());
  }
  store::Batch batch;
  batch.remove(store::Family::kMachine, machine->name);
  return commit_(std::move(batch));
}

std::expected<void, aws::Fault> Machines::change_tags(std::string_view arn,
                                                      const records::TagChange& change) {
  const sync::MutexLock lock(mutex_);
  auto machine = query_.machine(arn);
  if (!machine && machine.error().code == ErrorCode::kStateMachineDoesNotExist)
    return nothing_to_tag(arn);
  if (!machine) return std::unexpected(aws::Fault(machine.error()));
  machine->tags = records::changed(std::move(machine->tags), change);
  if (auto ok = check_tag_count(machine->tags); !ok) return ok;
  store::Batch batch;
  batch.put(store::Family::kMachine, machine->name, records::encode(*machine));
  if (auto stored = commit_(std::move(batch)); !stored)
    return std::unexpected(aws::Fault(stored.error()));
  return {};
}

}  // namespace weft::running
