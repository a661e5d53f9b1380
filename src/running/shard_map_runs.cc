#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "maprun/configuration.h"
#include "running/results.h"
#include "running/run_restore.h"
#include "running/shard.h"
#include "running/shard_state.h"

// The Map Run side of a shard.

namespace weft::running {
namespace {

records::MapRunStatus status_of(maprun::Finish::Status status) {
  switch (status) {
    case maprun::Finish::Status::kSucceeded:
      return records::MapRunStatus::kSucceeded;
    case maprun::Finish::Status::kFailed:
      return records::MapRunStatus::kFailed;
    case maprun::Finish::Status::kAborted:
      return records::MapRunStatus::kAborted;
  }
  return records::MapRunStatus::kFailed;
}

using records::LimitChange;

// Puts what changes into the record, and what it was before.
base::Result<void> note_changes(const maprun::ChangeLimits& limits, base::UnixMs now_ms,
                                records::MapRunRecord& record) {
  const size_t before = record.changes.size();
  const auto note = [&](LimitChange::Setting setting, auto& value, const auto& wanted) {
    using Value = std::remove_reference_t<decltype(value)>;
    if (!wanted) return;
    const double from = static_cast<double>(value);
    value = static_cast<Value>(*wanted);
    record.changes.push_back(
        {.setting = setting, .at_ms = now_ms, .from = from, .to = static_cast<double>(*wanted)});
  };
  note(LimitChange::Setting::kConcurrency, record.max_concurrency, limits.max_concurrency);
  note(LimitChange::Setting::kToleratedFailureCount, record.tolerated_failure_count,
       limits.tolerated_failure_count);
  note(LimitChange::Setting::kToleratedFailurePercentage, record.tolerated_failure_percentage,
       limits.tolerated_failure_percentage);
  if (record.changes.size() <= records::kMapRunChangesMax) return {};
  return base::fail(base::ErrorCode::kLimit,
                    fmt::format("The limits of this Map Run were changed {} times: no more than {} "
                                "changes are kept",
                                before, records::kMapRunChangesMax));
}

}  // namespace

void Shard::start_map_run(Live& live, engine::StartMapRun& action, TurnCommit& commit) {
  WEFT_CHECK(action.map_run != 0);  // R10: 0 is the run of top-level executions
  const asl::State& state = live.state.program->state(action.state);
  const auto& body = std::get<asl::MapState>(state.body);
  const std::string& machine = live.run ? live.run->record.machine_name : live.record->machine_name;
  auto info = std::make_shared<RunInfo>();
  records::MapRunRecord& record = info->record;
  record.number = action.map_run;
  record.arn = action.arn;
  record.execution_arn = live.identity.execution_arn;
  record.parent = live.key;
  record.parent_scope = action.scope;
  record.state = action.state;
  record.state_name = state.name;
  record.label = body.label;
  record.express = body.child_type == asl::ChildType::kExpress;
  record.machine_name = machine;
  record.definition_hash =
      live.run ? live.run->record.definition_hash : live.record->definition_hash;
  record.role_arn = live.state.role_arn;
  record.configuration = action.configuration.str();
  record.start_ms = clock_.now_ms();
  record.detail_budget = settings_.detail_budget;
  record.detail_bytes = settings_.detail_bytes;
  record.trace = live.run ? live.run->record.trace : live.record->trace;
  record.trace.span = trace::high_hash(record.arn);
  if (auto configuration = maprun::parse_configuration(action.configuration)) {
    record.max_concurrency = static_cast<int64_t>(configuration->max_concurrency);
    record.tolerated_failure_count =
        static_cast<int64_t>(configuration->tolerated_failure_count.value_or(0));
    record.tolerated_failure_percentage = configuration->tolerated_failure_percentage.value_or(0);
  }
  info->program = live.state.program;
  info->processor = body.processor;
  info->machine_name = machine + "/" + body.label;
  info->machine_arn = arn::machine_arn(settings_.identity, info->machine_name);
  info->child_arn_prefix = records::child_arn_prefix(record);
  commit.batch.put(store::Family::kMapRun, records::map_run_key(record.number),
                   records::encode(record));
  commit.batch.put(store::Family::kExecutionMapRun,
                   records::execution_map_run_key(live.key, record.number), "");
  if (live.record && live.record->detail_of.run != 0) {
    commit.batch.put(
        store::Family::kExecutionMapRun,
        records::execution_map_run_key(records::detail_key(*live.record), record.number), "");
  }
  commit.effects.emplace_back(
      Send{owner_of_run(record.number, settings_.shards), BeginMapRun{std::move(info)}});
}

void Shard::on(BeginMapRun& message) {
  auto run = std::make_unique<LiveRun>();
  run->info = message.run;
  const records::MapRunRecord& record = run->info->record;
  // R11: a Map Run belongs to one shard, and begins once.
  WEFT_CHECK(owner_of_run(record.number, settings_.shards) == number_);
  WEFT_CHECK(!runs_.contains(record.number));
  auto configuration = maprun::parse_configuration(base::Text(record.configuration));
  maprun::Reaction reaction;
  if (configuration) {
    run->configuration = std::make_shared<const maprun::Configuration>(*configuration);
    run->machine = std::make_unique<maprun::MapRun>(std::move(*configuration), run->info->program,
                                                    record.state, record.start_ms);
    reaction = run->machine->begin();
  } else {
    run->configuration = std::make_shared<const maprun::Configuration>();
    run->machine = std::make_unique<maprun::MapRun>(maprun::Configuration(), run->info->program,
                                                    record.state, record.start_ms);
    reaction = run->machine->on(
        maprun::ReadFailed{"States.ItemReaderFailed", configuration.error().message});
  }
  LiveRun& live = *(runs_[record.number] = std::move(run));
  take_reaction(live, std::move(reaction));
}

void Shard::on(MapRunPage& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end()) return;
  LiveRun& run = *found->second;
  take_reaction(
      run, std::visit([&](auto& page) { return run.machine->on(std::move(page)); }, message.page));
}

void Shard::on(MapRunChildEnded& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end()) return;
  LiveRun& run = *found->second;
  // R12: a child is told to have ended when it has, to the run it is of.
  WEFT_CHECK(message.row.status != history::ExecutionStatus::kRunning);
  const uint32_t items = run.machine->items_of(message.row.index);
  WEFT_CHECK(items == 0 || items == message.row.items);
  run.output_bytes += message.row.output_bytes;
  take_reaction(run, run.machine->on(maprun::ChildEnded{message.row.index, message.row.status}));
}

void Shard::on(EndMapRun& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end()) {
    const auto reopening = reopening_.find(message.run);
    if (reopening != reopening_.end()) reopening->second.stopping = true;
    return;
  }
  found->second->redrive.reset();
  // One whose results are being written ends without children that could be stopped.
  if (found->second->info->record.closing) return;
  take_reaction(*found->second, found->second->machine->on(maprun::StopRun{}));
}

void Shard::on(ChangeMapRun& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end() || found->second->machine->finished() ||
      found->second->info->record.closing) {
    return message.done(base::fail(base::ErrorCode::kInvalidArgument,
                                   "The Map Run is not running: its limits cannot be changed"));
  }
  LiveRun& run = *found->second;
  auto info = std::make_shared<RunInfo>(*run.info);
  if (auto noted = note_changes(message.limits, clock_.now_ms(), info->record); !noted) {
    return message.done(std::unexpected(noted.error()));
  }
  run.info = std::move(info);
  TurnCommit commit;
  commit.batch.put(store::Family::kMapRun, records::map_run_key(message.run),
                   records::encode(run.info->record));
  commit.effects.emplace_back(Notify{[done = std::move(message.done)]() mutable { done({}); }});
  take_reaction(run, run.machine->on(message.limits), std::move(commit));
}

// A child that ended before goes on where it was; an Express one begins anew.
void Shard::start_child(const LiveRun& run, maprun::StartChild& start, TurnCommit& commit) const {
  const records::MapRunRecord& record = run.info->record;
  if (start.redrives > 0 && !record.express) {
    commit.effects.emplace_back(ReadChild{run.info, start.index, start.lane, start.input.items});
    return;
  }
  commit.effects.emplace_back(Send{owner({record.number, start.index}, settings_.shards),
                                   StartChildExecution{run.info, start.index, start.lane,
                                                       std::move(start.input), start.redrives}});
}

void Shard::take_reaction(LiveRun& run, maprun::Reaction reaction, TurnCommit commit) {
  const uint64_t number = run.info->record.number;
  const bool stored = reaction.slice.has_value() || !commit.batch.empty();
  if (reaction.slice) {
    commit.batch.put(store::Family::kSlice, records::slice_key(number, run.slices++),
                     maprun::encode_slice(*reaction.slice));
  }
  bool finished = false;
  bool stopping = false;  // or ending
  for (maprun::Action& action : reaction.actions) {
    WEFT_CHECK(!finished);  // R13: nothing follows the end of a Map Run
    if (auto* start = std::get_if<maprun::StartChild>(&action)) {
      start_child(run, *start, commit);
    } else if (auto* read = std::get_if<maprun::ReadPage>(&action)) {
      commit.effects.emplace_back(
          ReadItems{run.info, run.configuration, std::move(read->cursor), run.reading_unwanted});
    } else if (const auto* stop = std::get_if<maprun::StopChildren>(&action)) {
      stopping = true;
      for (uint32_t shard = 0; shard < settings_.shards; ++shard) {
        commit.effects.emplace_back(
            Send{shard, StopChildrenOf{number, run.info->record.redrive_count, stop->aborted}});
      }
    } else if (auto* finish = std::get_if<maprun::Finish>(&action)) {
      finished = finish_run(run, *finish, commit);
      stopping = true;
    }
  }
  if (stopping) *run.reading_unwanted = true;
  // Starts of children may still wait for the disk: an order to stop them must not overtake them.
  if (stored || finished || stopping) {
    commits_.submit(std::move(commit));
  } else {
    // Nothing to store, and all it depends on is stored: no need to wait for the disk.
    for (Effect& effect : commit.effects) effects_.perform(std::move(effect));
  }
  if (finished) runs_.erase(number);
}

bool Shard::finish_run(LiveRun& run, const maprun::Finish& finish, TurnCommit& commit) {
  auto info = std::make_shared<RunInfo>(*run.info);
  records::MapRunRecord& record = info->record;
  // R14: a Map Run ends when none of its children runs; its counts are final.
  WEFT_CHECK(run.machine->finished() && run.machine->executions().running == 0);
  WEFT_CHECK(run.machine->executions().adds_up() && run.machine->items().adds_up());
  const maprun::Results& results = run.configuration->results;
  record.items = counts_of(run.machine->items(), results.exported);
  record.executions = counts_of(run.machine->executions(), results.exported);
  record.error = finish.error;
  record.cause = finish.cause;
  record.closing = status_of(finish.status);
  run.info = info;
  // Nothing more is tried where the bucket was found missing at the start.
  const bool writes = results.exported && finish.error != kResultWriterFailed;
  if (!writes && record.redrive_count == 0) {
    end_run(run, commit);
    return true;
  }
  // First the decision, then the files: whoever goes on after a crash writes the same ones.
  commit.batch.put(store::Family::kMapRun, records::map_run_key(record.number),
                   records::encode(record));
  commit.effects.emplace_back(WriteResults{run.info, run.configuration});
  return false;
}

void Shard::on(MapRunResultsWritten& message) {
  const auto found = runs_.find(message.run);
  if (found == runs_.end() || !found->second->info->record.closing) return;
  LiveRun& run = *found->second;
  auto info = std::make_shared<RunInfo>(*run.info);
  records::MapRunRecord& record = info->record;
  if (message.written && !message.written->manifest_key.empty()) {
    record.result_bucket = run.configuration->results.bucket;
    record.result_key = std::move(message.written->manifest_key);
    record.result_files = std::move(message.written->files);
    record.items = counts_of(record.items, false);
    record.executions = counts_of(record.executions, false);
  } else if (!message.written && record.closing == records::MapRunStatus::kSucceeded) {
    record.closing = records::MapRunStatus::kFailed;
    record.error = kResultWriterFailed;
    record.cause = message.written.error().message;
  }
  if (!message.rows.batch.empty()) ++record.revision;
  run.info = info;
  TurnCommit commit;
  commit.batch = std::move(message.rows.batch);
  commit.rows_back = std::move(message.rows.back);
  end_run(run, commit);
  commits_.submit(std::move(commit));
  runs_.erase(found);
}

void Shard::end_run(LiveRun& run, TurnCommit& commit) {
  auto info = std::make_shared<RunInfo>(*run.info);
  records::MapRunRecord& record = info->record;
  WEFT_CHECK(record.closing.has_value());  // R14
  record.status = *record.closing;
  record.closing.reset();
  record.stop_ms = std::max(clock_.now_ms(), record.start_ms);
  run.info = info;
  commit.batch.put(store::Family::kMapRun, records::map_run_key(record.number),
                   records::encode(record));
  commit.ended_run = record.number;
  ending_[record.number] = {.last = progress_of(run), .redrives = record.redrive_count};
  const auto durable = [run = record.number, redrives = record.redrive_count](Shard* shard) {
    if (shard != nullptr) shard->end_is_durable(run, redrives);
  };
  commit.effects.emplace_back(Send{number_, Ask{durable}});
  if (settings_.run_ended) {
    commit.effects.emplace_back(
        Notify{[&settings = settings_, run = record.number] { settings.run_ended(run); }});
  }
  if (run.redrive) {  // its parent waits for what it comes to then
    reopening_[record.number] = {.redrives = run.redrive->redrives};
    commit.effects.emplace_back(
        ReopenMapRun{record.number, run.redrive->redrives, std::move(run.redrive->program)});
    return;
  }
  if (record.status == records::MapRunStatus::kAborted) return;  // its parent has ended
  if (record.status == records::MapRunStatus::kSucceeded && record.result_key.empty()) {
    commit.effects.emplace_back(CollectResults{run.info, run.configuration, run.output_bytes});
    return;
  }
  commit.effects.emplace_back(
      Send{owner(record.parent, settings_.shards), Deliver{record.parent, closed_run(record)}});
}

void Shard::end_is_durable(uint64_t run, uint32_t redrives) {
  const auto found = ending_.find(run);
  // It may have been redriven and have ended again.
  if (found == ending_.end() || found->second.redrives != redrives) return;
  std::optional<RedriveRun> redrive = std::move(found->second.redrive);
  ending_.erase(found);
  if (redrive) effects_.perform(ReopenMapRun{run, redrive->redrives, std::move(redrive->program)});
}

MapRunProgress Shard::progress_of(const LiveRun& run) const {
  return running::progress_of(run.info->record, *run.machine);
}

std::optional<MapRunProgress> Shard::progress(uint64_t run) const {
  if (const auto found = runs_.find(run); found != runs_.end()) return progress_of(*found->second);
  if (const auto ending = ending_.find(run); ending != ending_.end()) return ending->second.last;
  return std::nullopt;
}

uint32_t Shard::redrives_of_run(uint64_t run) const {
  if (const auto found = reopening_.find(run); found != reopening_.end())
    return found->second.redrives;
  const auto found = runs_.find(run);
  if (found == runs_.end()) return 0;
  const std::optional<RedriveRun>& next = found->second->redrive;
  return next ? next->redrives : found->second->info->record.redrive_count;
}

std::vector<MapRunProgress> Shard::progress_of_parent(history::ExecutionKey parent) const {
  std::vector<MapRunProgress> all;
  for (const auto& [number, run] : runs_) {
    if (run->info->record.parent == parent) all.push_back(progress_of(*run));
  }
  return all;
}

void Shard::running_children(uint64_t run, std::vector<reading::ExecutionItem>& out) const {
  for (const auto& [key, live] : executions_) {
    if (key.run != run) continue;
    out.push_back({.key = key,
                   .arn = live->identity.execution_arn,
                   .name = std::string(arn::execution_name_of(live->identity.execution_arn)),
                   .machine_arn = live->identity.machine_arn,
                   .map_run_arn = live->run->record.arn,
                   .status = live->state.status,
                   .start_ms = live->state.start_ms,
                   .item_count = live->items,
                   .redrive_count = live->redrives + live->state.redrives,
                   .redrive_ms = live->state.redrives > 0 ? live->state.redrive_ms
                                 : live->redrives > 0     ? live->state.start_ms
                                                          : 0});
  }
}

}  // namespace weft::running
