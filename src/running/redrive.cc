#include "running/redrive.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "reading/redrivable.h"
#include "running/replayed.h"

namespace weft::running {
namespace {

using base::ErrorCode;
using history::ExecutionStatus;

// AWS keeps a token for so long.
constexpr int64_t kTokenMs = int64_t{15} * 60 * 1'000;

std::unexpected<base::Error> refused(std::string why) {
  return base::fail(ErrorCode::kExecutionNotRedrivable, std::move(why));
}

}  // namespace

base::Result<RedriveTopLevel> prepare_redrive(const reading::Query& query, Programs& programs,
                                              const RedriveRequest& request) {
  auto key = query.find_execution(request.arn);
  if (!key) return std::unexpected(key.error());
  if (key->run != 0) {
    return refused(
        "A child workflow execution is redriven by the execution that its Map Run belongs to");
  }
  auto record = query.execution_record(*key);
  if (!record) return std::unexpected(record.error());
  if (!request.token.empty() && record->redrive_token == request.token &&
      request.now_ms - record->redrive_ms < kTokenMs) {
    return RedriveTopLevel{.record = std::move(*record), .state = {}, .redriven = {}};
  }
  const auto view = query.execution(request.arn);
  if (!view) return std::unexpected(view.error());
  reading::RedriveStatus status = reading::redrive_status(query, *view, request.now_ms);
  if (!status.reason.empty()) return refused(std::move(status.reason));
  auto program = programs.get(record->definition_hash);
  if (!program) return std::unexpected(program.error());
  auto replayed = replay(query.store(), *key, *program, asl::kRootBlock);
  if (!replayed) return std::unexpected(replayed.error());
  record->status = ExecutionStatus::kRunning;
  record->stop_ms = 0;
  ++record->redrive_count;
  record->redrive_ms = request.now_ms;
  record->redrive_token = std::string(request.token);
  // Whoever waited for its end has heard of it.
  record->waiting_task = 0;
  record->waiter = {};
  return RedriveTopLevel{.record = std::move(*record),
                         .state = std::move(replayed->state),
                         .turns = replayed->turns,
                         .redriven = {}};
}

base::Result<RedrivePlan> plan_redrive(const reading::Query& query,
                                       const reading::ExecutionView& view) {
  auto record = query.execution_record(view.key);
  if (!record) return std::unexpected(record.error());
  auto definition = query.definition(record->definition_hash);
  if (!definition) return std::unexpected(definition.error());
  const auto compiled = asl::compile(*definition);
  if (!compiled.program) return damaged("a stored definition does not compile");
  const auto replayed = replay(query.store(), view.key, compiled.program, asl::kRootBlock);
  if (!replayed) return std::unexpected(replayed.error());
  const auto runs = query.map_runs(view.key);
  if (!runs) return std::unexpected(runs.error());
  RedrivePlan plan;
  for (const engine::Scope& scope : replayed->state.set_aside) {
    const bool entered = scope.waiting != engine::Waiting::kClosed && scope.entered_id != 0;
    const bool forked =
        std::ranges::any_of(replayed->state.set_aside, [&](const engine::Scope& other) {
          return other.parent == scope.id && other.id != scope.id;
        });
    if (!entered || forked) continue;
    const std::string& name = compiled.program->state(scope.state).name;
    if (std::ranges::find(plan.states, name) == plan.states.end()) plan.states.push_back(name);
    if (scope.map_run == 0) continue;
    const auto run = std::ranges::find(*runs, scope.map_run, &records::MapRunRecord::number);
    if (run != runs->end()) plan.map_runs.push_back(*run);
  }
  return plan;
}

}  // namespace weft::running
