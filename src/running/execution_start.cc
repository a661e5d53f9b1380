#include "running/execution_start.h"

#include <random>
#include <utility>

#include <fmt/format.h>

#include "json/arena.h"
#include "records/content_hash.h"
#include "running/execution_input.h"
#include "trace/ids.h"

namespace weft::running {
namespace {

std::string fresh_name() {
  const uint64_t a = random_u64();
  const uint64_t b = random_u64();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xFFFF, a & 0xFFF,
                     0x8000 | ((b >> 48) & 0x3FFF), b & 0xFFFFFFFFFFFFULL);
}

// The trace an execution joins. A nested one joins that of the task that starts it; others what
// their input carries, else the trace header, else the request's headers.
std::optional<trace::Context> joined_trace(const StartExecution& start, json::Value input,
                                           bool nested) {
  if (nested && start.trace) return start.trace;
  if (auto context = trace::context_of_input(input)) return context;
  if (auto context = trace::context_of_xray(start.trace_header)) return context;
  return start.trace;
}

// Where it joins none, it has its own.
void root_trace(records::ExecutionRecord& record) {
  if (record.trace.trace.low == 0) record.trace = {.trace = trace::trace_of_root(record.arn)};
}

}  // namespace

uint64_t random_u64() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) ^ device();
}

std::unexpected<base::Error> not_of_this_type() {
  return base::fail(base::ErrorCode::kStateMachineTypeNotSupported,
                    "This operation is not supported by this type of state machine");
}

base::Result<StartTopLevel> ExecutionStart::prepare(StartExecution& start,
                                                    ExecutionStarts::Task by) const {
  if (start.input.is_null()) start.input = base::Text("{}");
  json::Arena arena;
  const auto input = parse_execution_input(start.input, bytes_max_, arena);
  if (!input) return std::unexpected(input.error());
  auto machine = query_.machine(start.machine_arn);
  if (!machine) return std::unexpected(machine.error());
  if (machine->express && by.waiting_task != 0) return not_of_this_type();
  auto program = programs_.get(machine->definition_hash);
  if (!program) return std::unexpected(program.error());
  if (start.name.empty()) start.name = fresh_name();
  if (auto named = arn::check_name(start.name); !named) return std::unexpected(named.error());
  StartTopLevel prepared{.program = std::move(*program), .input = start.input};
  records::ExecutionRecord& record = prepared.record;
  record.name = start.name;
  record.machine_name = machine->name;
  record.machine_arn = machine->arn;
  record.role_arn = machine->role_arn;
  record.definition_hash = machine->definition_hash;
  record.revision_id = machine->revision_id;
  record.revision_ms = machine->since_ms();
  record.settings = machine->settings();
  record.express = machine->express;
  record.trace_header = start.trace_header;
  record.trace = joined_trace(start, *input, !by.request_id.empty()).value_or(trace::Context());
  record.input_hash = records::content_hash(start.input.view());
  record.started_by = std::move(by.request_id);
  record.parent_arn = std::move(by.execution_arn);
  record.detail_of = by.child;
  record.waiter = by.waiter;
  record.waiting_task = by.waiting_task;
  if (!record.express) {
    record.arn = arn::execution_arn(query_.identity(), machine->name, start.name);
    root_trace(record);
  }
  return prepared;
}

void ExecutionStart::name_express(records::ExecutionRecord& record) const {
  const std::string uuid = query_.child_names().express_uuid(record.key);
  record.arn = arn::express_arn(query_.identity(), record.machine_name,
                                fmt::format("{}:{}", record.name, uuid));
  root_trace(record);
}

base::Result<std::optional<records::ExecutionRecord>> ExecutionStart::existing(
    const StartExecution& request, const records::ExecutionRecord& wanted) const {
  auto key = query_.store().get(store::Family::kName,
                                records::name_key(wanted.machine_name, request.name));
  if (!key) return std::unexpected(key.error());
  if (!*key) return std::nullopt;
  auto bytes = query_.store().get(store::Family::kExecution, **key);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  auto record = records::decode_execution(**bytes);
  if (!record) return std::unexpected(record.error());
  const bool same_task = !wanted.started_by.empty() && record->started_by == wanted.started_by;
  const bool same_call = record->status == history::ExecutionStatus::kRunning &&
                         record->input_hash == wanted.input_hash;
  if (same_task || same_call) return *record;
  return base::fail(base::ErrorCode::kExecutionAlreadyExists,
                    fmt::format("Execution Already Exists: '{}'", record->arn));
}

}  // namespace weft::running
