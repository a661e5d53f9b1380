#include "running/run_restore.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include <fmt/format.h>

#include "base/limits.h"
#include "history/codec.h"
#include "maprun/configuration.h"
#include "maprun/slice.h"
#include "reading/redrivable.h"
#include "running/replayed.h"

namespace weft::running {
namespace {

using history::ChildRow;
using history::ExecutionStatus;
using store::Family;

// Slices follow one another without a gap, and every item read is in a child or waits for more of
// its batch.
base::Result<void> check_slice(const records::MapRunRecord& run, const maprun::Slice& slice,
                               const maprun::MapRun& before) {
  uint64_t items = before.items().total + slice.carry.size();
  for (const maprun::ChildInput& child : slice.children) items += child.items;
  const bool follows = slice.first_index == before.executions().total;
  if (follows && slice.items_read == items && items <= base::kMapRunItemsMax &&
      (!slice.last || slice.carry.empty())) {
    return {};
  }
  return damaged(fmt::format(
      "a slice of Map Run {} begins with child {} after {}, and says {} items were read where {} "
      "are there",
      run.number, slice.first_index, before.executions().total, slice.items_read, items));
}

maprun::ChangeLimits limits_of(const records::LimitChange& change) {
  maprun::ChangeLimits limits;
  switch (change.setting) {
    case records::LimitChange::Setting::kConcurrency:
      limits.max_concurrency = static_cast<uint64_t>(change.to);
      break;
    case records::LimitChange::Setting::kToleratedFailureCount:
      limits.tolerated_failure_count = static_cast<uint64_t>(change.to);
      break;
    case records::LimitChange::Setting::kToleratedFailurePercentage:
      limits.tolerated_failure_percentage = change.to;
      break;
  }
  return limits;
}

using VisitChunk = std::function<base::Result<bool>(uint64_t chunk, std::vector<ChildRow>&)>;

// Chunks of rows: of a run, or those set aside of one.
base::Result<void> scan_chunks(const store::Store& store, uint64_t run, const VisitChunk& visit) {
  return store::scan_checked(
      store, Family::kRow, records::row_key(run, 0), records::row_key(run + 1, 0), false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_row_key(key);
        if (!place) return std::unexpected(place.error());
        auto rows = records::decode_own_rows(value);
        if (!rows) return std::unexpected(rows.error());
        return visit(place->chunk, *rows);
      });
}

std::string encoded(const std::vector<ChildRow>& rows) {
  std::string bytes;
  for (const ChildRow& row : rows) history::encode_row(row, bytes);
  return bytes;
}

// What is known of the children of a run, by index.
struct Known {
  maprun::MapRun::Finished finished;
  maprun::MapRun::Unsuccessful unsuccessful;  // that are to run again
  uint64_t stuck = 0;                         // failures that stay
  uint64_t stuck_items = 0;
  uint64_t output_bytes = 0;

  void finish(const ChildRow& row, bool stays) {
    if (finished.size() <= row.index) finished.resize(row.index + 1);
    finished[row.index] = row.status;
    output_bytes += row.output_bytes;
    if (!stays || row.status == ExecutionStatus::kSucceeded) return;
    ++stuck;
    stuck_items += row.items;
  }
  void run_again(const ChildRow& row) {
    unsuccessful[row.index] = {.status = row.status, .redrives = row.redrives};
  }
};

base::Result<RestoredRun> with_slices(const store::Store& store,
                                      std::shared_ptr<const RunInfo> info, const Known& known) {
  RestoredRun out{.info = std::move(info), .machine = {}, .output_bytes = known.output_bytes};
  const records::MapRunRecord& record = out.info->record;
  auto configuration = maprun::parse_configuration(base::Text(record.configuration));
  if (!configuration) configuration = maprun::Configuration();
  out.machine = std::make_unique<maprun::MapRun>(std::move(*configuration), out.info->program,
                                                 record.state, record.start_ms);
  for (const records::LimitChange& change : record.changes)
    out.machine->restore_limits(limits_of(change));
  out.machine->restore_not_redrivable(known.stuck, known.stuck_items);
  auto read =
      store::scan_checked(store, Family::kSlice, records::slice_key(record.number, 0),
                          records::slice_key(record.number + 1, 0), false,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            auto slice = maprun::decode_slice(value);
                            if (!slice) return std::unexpected(slice.error());
                            auto checked = check_slice(record, *slice, *out.machine);
                            if (!checked) return std::unexpected(checked.error());
                            out.machine->restore_slice(*slice, known.finished, known.unsuccessful);
                            ++out.slices;
                            return true;
                          });
  if (!read) return std::unexpected(read.error());
  return out;
}

// The id of the last event that a child's stored turns have.
base::Result<uint64_t> last_event_of(const store::Store& store, history::ExecutionKey child,
                                     uint32_t turns) {
  auto bytes = store.get(Family::kTurn, records::turn_key(child, turns - std::min(turns, 1u)));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return 0;
  const auto turn = history::decode_turn(**bytes);
  if (!turn) return std::unexpected(turn.error());
  uint64_t last = 0;
  for (const history::Event& event : turn->events) last = std::max(last, event.id);
  return last;
}

// Whether an ended child runs again in a redrive of its run. Express children begin anew.
base::Result<bool> runs_again(const store::Store& store, const records::MapRunRecord& record,
                              const ChildRow& row, base::UnixMs now_ms) {
  if (row.status == ExecutionStatus::kSucceeded) return false;
  if (record.express) return true;
  auto last = last_event_of(store, {record.number, row.index}, row.turns);
  if (!last) return std::unexpected(last.error());
  return reading::not_redrivable({.status = row.status,
                                  .start_ms = row.start_ms,
                                  .stop_ms = row.start_ms + row.duration_us / 1'000,
                                  .events = *last,
                                  .now_ms = now_ms})
      .empty();
}

}  // namespace

std::shared_ptr<RunInfo> run_info(records::MapRunRecord record,
                                  std::shared_ptr<const asl::Program> program,
                                  const arn::Home& identity) {
  auto info = std::make_shared<RunInfo>();
  info->processor = std::get<asl::MapState>(program->state(record.state).body).processor;
  info->program = std::move(program);
  info->machine_name = records::labelled_machine(record);
  info->machine_arn = arn::machine_arn(identity, info->machine_name);
  info->child_arn_prefix = records::child_arn_prefix(record);
  info->record = std::move(record);
  return info;
}

base::Result<void> check_run(const records::MapRunRecord& run, const asl::Program& program) {
  if (run.state < program.states.size() &&
      std::holds_alternative<asl::MapState>(program.state(run.state).body)) {
    return {};
  }
  return damaged(
      fmt::format("state {} of the definition of Map Run {} is no Map", run.state, run.number));
}

base::Result<RestoredRun> restore_run(const store::Store& store,
                                      std::shared_ptr<const RunInfo> info) {
  const records::MapRunRecord& record = info->record;
  Known known;
  auto rows = scan_chunks(
      store, record.number, [&](uint64_t chunk, std::vector<ChildRow>& all) -> base::Result<bool> {
        const bool stays = record.redrive_count > 0 && chunk < record.generation_chunk;
        for (const ChildRow& row : all) known.finish(row, stays);
        return true;
      });
  if (!rows) return std::unexpected(rows.error());
  auto aside = scan_chunks(store, records::set_aside_rows(record.number),
                           [&](uint64_t, std::vector<ChildRow>& all) -> base::Result<bool> {
                             for (const ChildRow& row : all) known.run_again(row);
                             return true;
                           });
  if (!aside) return std::unexpected(aside.error());
  return with_slices(store, std::move(info), known);
}

history::MapRunCounts counts_of(history::MapRunCounts counts, bool exported) {
  counts.results_written = exported ? 0 : counts.finished();
  return counts;
}

MapRunProgress progress_of(const records::MapRunRecord& record, const maprun::MapRun& machine) {
  const bool exported = machine.configuration().results.exported;
  return {.number = record.number,
          .arn = record.arn,
          .state_name = record.state_name,
          .reading = !machine.exhausted(),
          .items = counts_of(machine.items(), exported),
          .executions = counts_of(machine.executions(), exported)};
}

base::Result<MapRunProgress> stored_progress(const store::Store& store, Programs& programs,
                                             const arn::Home& identity,
                                             records::MapRunRecord record) {
  auto program = programs.get(record.definition_hash);
  if (!program) return std::unexpected(program.error());
  if (auto checked = check_run(record, **program); !checked)
    return std::unexpected(checked.error());
  auto run = restore_run(store, run_info(std::move(record), *program, identity));
  if (!run) return std::unexpected(run.error());
  return progress_of(run->info->record, *run->machine);
}

base::Result<MapRunReopened> reopen_run(const store::Store& store, uint64_t number,
                                        std::shared_ptr<const asl::Program> program,
                                        const arn::Home& identity, uint32_t redrives,
                                        base::UnixMs now_ms) {
  auto bytes = store.get(Family::kMapRun, records::map_run_key(number));
  if (!bytes) return std::unexpected(bytes.error());
  auto read = records::decode_map_run(bytes->value_or(""));
  if (!read) return std::unexpected(read.error());
  records::MapRunRecord record = std::move(*read);
  if (auto checked = check_run(record, *program); !checked) return std::unexpected(checked.error());
  MapRunReopened out{.run = number};
  Known known;
  uint64_t next_chunk = 0;
  auto rows = scan_chunks(
      store, number, [&](uint64_t chunk, std::vector<ChildRow>& all) -> base::Result<bool> {
        next_chunk = chunk + 1;
        std::vector<ChildRow> stay;
        std::vector<ChildRow> again;
        for (const ChildRow& row : all) {
          auto runs = runs_again(store, record, row, now_ms);
          if (!runs) return std::unexpected(runs.error());
          (*runs ? again : stay).push_back(row);
          if (*runs) {
            known.run_again(row);
          } else {
            known.finish(row, true);
          }
        }
        if (again.empty()) return true;
        out.batch.put(Family::kRow, records::row_key(records::set_aside_rows(number), chunk),
                      encoded(again));
        if (stay.empty()) {
          out.batch.remove(Family::kRow, records::row_key(number, chunk));
        } else {
          out.batch.put(Family::kRow, records::row_key(number, chunk), encoded(stay));
        }
        return true;
      });
  if (!rows) return std::unexpected(rows.error());
  record.status = records::MapRunStatus::kRunning;
  record.stop_ms = 0;
  record.items = {};
  record.executions = {};
  record.error.clear();
  record.cause.clear();
  record.redrive_count = redrives;
  record.redrive_ms = now_ms;
  record.generation_chunk = next_chunk;
  if (!record.result_key.empty()) record.exported_chunk = next_chunk;
  record.result_key.clear();
  std::erase_if(record.result_files, [](const history::ResultFile& file) {
    return file.kind != history::ResultFile::Kind::kSucceeded;
  });
  ++record.revision;
  out.batch.put(Family::kMapRun, records::map_run_key(number), records::encode(record));
  auto restored =
      with_slices(store, run_info(std::move(record), std::move(program), identity), known);
  if (!restored) return std::unexpected(restored.error());
  out.info = std::move(restored->info);
  out.machine = std::move(restored->machine);
  out.slices = restored->slices;
  out.output_bytes = restored->output_bytes;
  return out;
}

base::Result<SettledRows> settle_rows(const store::Store& store,
                                      const records::MapRunRecord& record) {
  SettledRows settled;
  if (record.redrive_count == 0) return settled;
  store::Batch& batch = settled.batch;
  std::vector<bool> ended;
  auto rows = scan_chunks(store, record.number,
                          [&](uint64_t, std::vector<ChildRow>& all) -> base::Result<bool> {
                            for (const ChildRow& row : all) {
                              if (ended.size() <= row.index) ended.resize(row.index + 1);
                              ended[row.index] = true;
                            }
                            return true;
                          });
  if (!rows) return std::unexpected(rows.error());
  auto aside = scan_chunks(
      store, records::set_aside_rows(record.number),
      [&](uint64_t chunk, std::vector<ChildRow>& all) -> base::Result<bool> {
        batch.remove(Family::kRow, records::row_key(records::set_aside_rows(record.number), chunk));
        std::erase_if(
            all, [&](const ChildRow& row) { return row.index < ended.size() && ended[row.index]; });
        if (all.empty()) return true;
        const std::string key = records::row_key(record.number, chunk);
        auto others = store.get(Family::kRow, key);
        if (!others) return std::unexpected(others.error());
        batch.put(Family::kRow, key, others->value_or("") + encoded(all));
        std::ranges::move(all, std::back_inserter(settled.back));
        return true;
      });
  if (!aside) return std::unexpected(aside.error());
  return settled;
}

}  // namespace weft::running
