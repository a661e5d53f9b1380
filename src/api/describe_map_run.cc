#include "api/operations.h"
#include "api/query/question.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

// The record of the Map Run; of one that is still read to be redriven, which its record does not
// say yet, what holds since its execution was redriven.
base::Result<records::MapRunRecord> record_of(const Call& call, std::string_view arn) {
  auto run = call.query.map_run(arn);
  if (!run || run->status == records::MapRunStatus::kRunning) return run;
  const uint32_t redrives = call.host.map_run_redrives(run->number);
  if (redrives <= run->redrive_count) return run;
  // It may have come to an end again meanwhile.
  run = call.query.map_run(arn);
  if (!run || redrives <= run->redrive_count) return run;
  if (const auto execution = call.query.execution_record(run->parent))
    run->redrive_ms = execution->redrive_ms;
  run->status = records::MapRunStatus::kRunning;
  run->stop_ms = 0;
  run->redrive_count = redrives;
  return run;
}

}  // namespace

aws::Reply describe_map_run(Call& call) {
  const auto arn = call.in.required("mapRunArn", kMapRunArnCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  // The host first: a run that ends between the two reads then has its final counts in the record.
  const auto live = call.host.map_run_progress(arn);
  auto run = record_of(call, arn);
  if (!run) return std::unexpected(run.error());
  const bool open = run->status == records::MapRunStatus::kRunning && live.has_value();
  return aws::Answer(call.arena)
      .text("mapRunArn", run->arn)
      .text("executionArn", run->execution_arn)
      .text("status", records::to_string(run->status))
      .time("startDate", run->start_ms)
      .time("stopDate", run->stop_ms)
      .number("maxConcurrency", run->max_concurrency)
      .real("toleratedFailurePercentage", run->tolerated_failure_percentage)
      .number("toleratedFailureCount", run->tolerated_failure_count)
      .value("itemCounts", counts_value(open ? live->items : run->items, call.arena))
      .value("executionCounts", counts_value(open ? live->executions : run->executions, call.arena))
      .number("redriveCount", run->redrive_count)
      .time("redriveDate", run->redrive_ms)
      .to_text();
}

}  // namespace weft::api
