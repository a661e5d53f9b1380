#include "running/redrive.h"

#include <fmt/format.h>

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
  if (record->imported)
    return refused(fmt::format("'{}' was imported: it did not run here", request.arn));
  if (!request.token.empty() && record->redrive_token == request.token &&
      request.now_ms - record->redrive_ms < kTokenMs) {
    return RedriveTopLevel{.record = std::move(*record), .state = {}, .redriven = {}};
  }
  if (record->express) return refused("An Express execution cannot be redriven");
  auto program = programs.get(record->definition_hash);
  if (!program) return std::unexpected(program.error());
  const reading::RedriveFacts facts{.status = record->status,
                                    .start_ms = record->start_ms,
                                    .stop_ms = record->stop_ms,
                                    .redrives = record->redrive_count,
                                    .now_ms = request.now_ms};
  if (std::string why = reading::not_redrivable(facts); !why.empty())
    return refused(std::move(why));
  if (!query.machine(record->machine_arn)) return refused("State machine is in DELETING status");
  auto replayed = replay(query.store(), *key, *program, asl::kRootBlock);
  if (!replayed) return std::unexpected(replayed.error());
  if (replayed->state.last_event_id >= reading::kRedrivableEventsMax)
    return refused("Execution history event limit exceeded");
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

}  // namespace weft::running
