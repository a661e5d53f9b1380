#include "running/recovery.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "history/codec.h"
#include "maprun/configuration.h"
#include "records/records.h"
#include "running/results.h"
#include "running/run_restore.h"
#include "running/stored_work.h"

namespace weft::running {
namespace {

class Recovery {
 public:
  Recovery(const store::Store& store, Programs& programs, const ShardSettings& settings,
           const std::function<Shard&(uint32_t)>& shard)
      : store_(store), programs_(programs), settings_(settings), shard_(shard) {}

  base::Result<Recovered> run() {
    if (auto numbered = number_on(); !numbered) return std::unexpected(numbered.error());
    if (auto done = top_level(); !done) return std::unexpected(done.error());
    if (auto done = map_runs(); !done) return std::unexpected(done.error());
    stop_given_up();
    return std::move(found_);
  }

 private:
  base::Result<void> number_on();
  base::Result<void> number_chunks(uint64_t run);
  base::Result<void> number_beyond_detail(store::Family family);
  base::Result<void> number_beyond_parts();
  base::Result<void> start_again(records::ExecutionRecord record,
                                 std::shared_ptr<const asl::Program> program);
  base::Result<void> top_level();
  base::Result<void> map_runs();
  base::Result<void> map_run(records::MapRunRecord record);
  bool given_up(const records::ExecutionRecord& record) const;
  void stop_given_up();
  bool is_stopped(history::ExecutionKey key) const {
    return key.run != 0 ? stopped_runs_.contains(key.run) : stopped_.contains(key);
  }
  bool holds(const records::ExecutionRecord& record, const asl::Program& program);
  bool is_held(history::ExecutionKey key) const {
    return key.run != 0
               ? found_.held_runs.contains(key.run)
               : std::ranges::find(found_.held, key, &HeldExecution::key) != found_.held.end();
  }
  base::Result<void> ended_map_run(const records::MapRunRecord& record);
  // One that waits with its parent is told as it stood when the last process ended.
  base::Result<void> held_map_run(records::MapRunRecord record);
  base::Result<void> children_of(const RestoredRun& run);
  // Whether the Map Runs that an open execution waits for are there.
  base::Result<void> check_awaited_by(history::ExecutionKey key,
                                      const engine::ExecutionState& state);

  const store::Store& store_;
  Programs& programs_;
  const ShardSettings& settings_;
  const std::function<Shard&(uint32_t)>& shard_;
  Recovered found_;
  std::vector<records::ExecutionRecord>
      awaited_;                               // open nested executions that a task is to wait for
  std::vector<records::MapRunRecord> ended_;  // that some open execution may still wait for
  std::vector<std::pair<uint64_t, history::ExecutionKey>> adopted_runs_;  // each with its parent
  std::set<history::ExecutionKey> stopped_;
  std::set<uint64_t> stopped_runs_;
};

base::Result<void> Recovery::number_on() {
  auto done =
      store::scan_checked(store_, store::Family::kExecution, "", "", true,
                          [&](std::string_view bytes, std::string_view) -> base::Result<bool> {
                            const auto key = records::parse_execution_key(bytes);
                            if (!key) return std::unexpected(key.error());
                            found_.next_execution = std::max(found_.next_execution, key->index + 1);
                            return false;
                          });
  if (!done) return done;
  for (const store::Family family : {store::Family::kSpan, store::Family::kLog}) {
    if (done = number_beyond_detail(family); !done) return done;
  }
  if (done = number_beyond_parts(); !done) return done;
  // Chunks grow with time over all runs; the newest run with rows need not hold the highest, so
  // look at each run's last.
  return store::scan_checked(store_, store::Family::kMapRun, "", "", false,
                             [&](std::string_view key, std::string_view) -> base::Result<bool> {
                               const auto run = records::parse_map_run_key(key);
                               if (!run) return std::unexpected(run.error());
                               found_.next_run = std::max(found_.next_run, *run + 1);
                               // All rows of a run that is being redriven may lie aside.
                               for (const uint64_t rows : {*run, records::set_aside_rows(*run)}) {
                                 if (auto read = number_chunks(rows); !read)
                                   return std::unexpected(read.error());
                               }
                               return true;
                             });
}

// What an execution's functions sent may be all that there is of it: of a synchronous Express one
// that a crash ended. No other execution takes that for its own.
base::Result<void> Recovery::number_beyond_detail(store::Family family) {
  return store::scan_checked(store_, family, "", records::execution_key({1, 0}), true,
                             [&](std::string_view bytes, std::string_view) -> base::Result<bool> {
                               const auto place = records::parse_detail_place(bytes);
                               if (!place) return std::unexpected(place.error());
                               found_.next_execution =
                                   std::max(found_.next_execution, place->key.index + 1);
                               return false;
                             });
}

// Where a record was lost, what is left of its execution or Map Run is no other one's.
base::Result<void> Recovery::number_beyond_parts() {
  const auto last = [&](store::Family family, std::string_view to, const auto& take) {
    return store_.scan(family, "", to, true, [&](std::string_view key, std::string_view) {
      take(store::read_u64(key, 0).value_or(0), store::read_u64(key, sizeof(uint64_t)).value_or(0));
      return false;
    });
  };
  const auto of_run = [&](uint64_t run, uint64_t) {
    found_.next_run = std::max(found_.next_run, run + 1);
  };
  auto done =
      last(store::Family::kTurn, records::execution_key({1, 0}), [&](uint64_t, uint64_t index) {
        found_.next_execution = std::max(found_.next_execution, index + 1);
      });
  if (done) done = last(store::Family::kTurn, "", of_run);
  if (done) done = last(store::Family::kSlice, "", of_run);
  if (done)
    done = last(store::Family::kRow, records::map_run_key(records::set_aside_rows(0)), of_run);
  return done;
}

base::Result<void> Recovery::number_chunks(uint64_t run) {
  return store::scan_checked(store_, store::Family::kRow, records::row_key(run, 0),
                             records::row_key(run + 1, 0), true,
                             [&](std::string_view key, std::string_view) -> base::Result<bool> {
                               const auto place = records::parse_row_key(key);
                               if (!place) return std::unexpected(place.error());
                               found_.next_chunk = std::max(found_.next_chunk, place->chunk + 1);
                               return false;
                             });
}

base::Result<void> Recovery::check_awaited_by(history::ExecutionKey key,
                                              const engine::ExecutionState& state) {
  for (const AwaitedRun& awaited : awaited_runs(state)) {
    if (auto there = check_awaited(store_, key, awaited); !there) return there;
  }
  return {};
}

base::Result<void> Recovery::top_level() {
  std::vector<records::ExecutionRecord> open;
  auto scanned = scan_executions(
      store_, [&](base::Result<records::ExecutionRecord> record) -> base::Result<void> {
        if (!record) return std::unexpected(record.error());
        if (record->status == history::ExecutionStatus::kRunning && !record->imported)
          open.push_back(std::move(*record));
        return {};
      });
  if (!scanned) return scanned;
  for (const records::ExecutionRecord& record : open) {
    auto program = programs_.get(record.definition_hash);
    if (!program) return std::unexpected(program.error());
    if (holds(record, **program)) continue;
    if (record.express) {
      if (auto begun = start_again(record, *program); !begun) return begun;
      continue;
    }
    auto replayed = replay_open(store_, record.key, *program, asl::kRootBlock);
    if (!replayed) return std::unexpected(replayed.error());
    if (auto there = check_awaited_by(record.key, replayed->state); !there) return there;
    shard_(Shard::owner(record.key, settings_.shards))
        .adopt_execution(record, std::move(replayed->state), replayed->turns);
    ++found_.executions;
    if (record.waiting_task != 0) awaited_.push_back(record);
  }
  return {};
}

bool Recovery::holds(const records::ExecutionRecord& record, const asl::Program& program) {
  if (!settings_.can_go_on) return false;
  auto able = settings_.can_go_on(program);
  if (able) return false;
  found_.held.push_back({record.key, record.arn, std::move(able.error().message)});
  return true;
}

base::Result<void> Recovery::start_again(records::ExecutionRecord record,
                                         std::shared_ptr<const asl::Program> program) {
  auto input = input_of_express(store_, record.key);
  if (!input) return std::unexpected(input.error());
  found_.restarts.push_back(StartTopLevel{
      .record = std::move(record), .program = std::move(program), .input = std::move(*input)});
  ++found_.executions;
  return {};
}

// A task ends with the nested execution it waits for, or gives it up. So where the task is no
// longer out and the nested execution still is, it was given up, and the order to stop was lost.
bool Recovery::given_up(const records::ExecutionRecord& record) const {
  if (is_held(record.waiter)) return false;  // its task is out, and asks for it again some day
  return is_stopped(record.waiter) || !shard_(Shard::owner(record.waiter, settings_.shards))
                                           .waits_for_task(record.waiter, record.waiting_task);
}

// What was stopped takes along what waits for its end, and that what is below it.
void Recovery::stop_given_up() {
  for (bool more = true; more;) {
    more = false;
    for (const records::ExecutionRecord& record : awaited_)
      if (!is_stopped(record.key) && given_up(record)) more = stopped_.insert(record.key).second;
    for (const auto& [run, parent] : adopted_runs_)
      if (is_stopped(parent)) more |= stopped_runs_.insert(run).second;
  }
  for (const history::ExecutionKey& key : stopped_)
    shard_(Shard::owner(key, settings_.shards)).adopt_stop(key);
  for (const uint64_t run : stopped_runs_)
    for (uint32_t shard = 0; shard < settings_.shards; ++shard)
      shard_(shard).adopt_stop_of_run(run);
}

base::Result<void> Recovery::map_runs() {
  std::vector<records::MapRunRecord> open;
  auto scanned =
      scan_map_runs(store_, [&](base::Result<records::MapRunRecord> record) -> base::Result<void> {
        if (!record) return std::unexpected(record.error());
        if (record->imported) return {};
        (record->status == records::MapRunStatus::kRunning ? open : ended_)
            .push_back(std::move(*record));
        return {};
      });
  if (!scanned) return scanned;
  for (records::MapRunRecord& record :
       open) {  // in order of creation: a parent before its children's runs
    if (is_held(record.parent)) {
      if (auto held = held_map_run(std::move(record)); !held) return held;
      continue;
    }
    if (auto done = map_run(std::move(record)); !done) return done;
  }
  for (const records::MapRunRecord& record : ended_) {
    if (auto done = ended_map_run(record); !done) return done;
  }
  return {};
}

base::Result<void> Recovery::held_map_run(records::MapRunRecord record) {
  const uint64_t number = record.number;
  auto progress = stored_progress(store_, programs_, settings_.identity, std::move(record));
  if (!progress) return std::unexpected(progress.error());
  found_.held_runs.emplace(number, std::move(*progress));
  return {};
}

base::Result<void> Recovery::ended_map_run(const records::MapRunRecord& record) {
  const auto awaited = shard_(Shard::owner(record.parent, settings_.shards))
                           .redrives_awaited(record.parent, record.number);
  if (!awaited) return {};
  if (*awaited > record.redrive_count) {  // it was not reopened yet
    auto program = programs_.get(record.definition_hash);
    if (!program) return std::unexpected(program.error());
    found_.redrives.push_back({record.number, *awaited, std::move(*program)});
    return {};
  }
  if (record.status == records::MapRunStatus::kSucceeded && record.result_key.empty()) {
    auto program = programs_.get(record.definition_hash);
    if (!program) return std::unexpected(program.error());
    if (auto checked = check_run(record, **program); !checked) return checked;
    auto configuration = maprun::parse_configuration(base::Text(record.configuration));
    if (!configuration) return std::unexpected(configuration.error());
    uint64_t output_bytes = 0;
    auto scanned =
        store::scan_checked(store_, store::Family::kRow, records::row_key(record.number, 0),
                            records::row_key(record.number + 1, 0), false,
                            [&](std::string_view, std::string_view value) -> base::Result<bool> {
                              auto rows = history::decode_rows(value);
                              if (!rows) return std::unexpected(rows.error());
                              for (const history::ChildRow& row : *rows)
                                output_bytes += row.output_bytes;
                              return true;
                            });
    if (!scanned) return scanned;
    found_.unreported.push_back(
        {run_info(record, *program, settings_.identity),
         std::make_shared<const maprun::Configuration>(std::move(*configuration)), output_bytes});
  } else {
    found_.undelivered.push_back({record.parent, closed_run(record)});
  }
  return {};
}

base::Result<void> Recovery::children_of(const RestoredRun& run) {
  return scan_begun_children(
      store_, run, [&](uint64_t index, Replayed child) -> base::Result<void> {
        const history::ExecutionKey key{run.info->record.number, index};
        if (auto there = check_awaited_by(key, child.state); !there) return there;
        const uint32_t lane = run.machine->restore_running(index);
        shard_(Shard::owner(key, settings_.shards))
            .adopt_child(run.info, index, lane, run.machine->items_of(index),
                         std::move(child.state), child.turns, std::move(child.row));
        ++found_.children;
        return {};
      });
}

base::Result<void> Recovery::map_run(records::MapRunRecord record) {
  auto run = restore_stored_run(store_, programs_, std::move(record), settings_.identity);
  if (!run) return std::unexpected(run.error());
  const records::MapRunRecord& known = run->info->record;
  if (!known.closing) {
    if (auto done = children_of(*run); !done) return done;
  }
  const auto awaited = shard_(Shard::owner(known.parent, settings_.shards))
                           .redrives_awaited(known.parent, known.number);
  // One that its parent has redriven before it ended ends first.
  const bool redriven = awaited && *awaited > known.redrive_count;
  if (redriven) found_.redrives.push_back({known.number, *awaited, run->info->program});
  shard_(Shard::owner_of_run(known.number, settings_.shards))
      .adopt_map_run(run->info, std::move(run->machine), run->slices, run->output_bytes);
  adopted_runs_.emplace_back(known.number, known.parent);
  if (!awaited || redriven) stopped_runs_.insert(known.number);
  ++found_.map_runs;
  return {};
}

}  // namespace

base::Result<Recovered> recover(const store::Store& store, Programs& programs,
                                const ShardSettings& settings,
                                const std::function<Shard&(uint32_t)>& shard) {
  auto recovered = Recovery(store, programs, settings, shard).run();
  if (recovered || recovered.error().code != base::ErrorCode::kStorage) return recovered;
  return base::fail(base::ErrorCode::kStorage,
                    fmt::format("{}. `weft doctor` tells what does not fit, and with --salvage "
                                "makes a copy in which what cannot go on has ended",
                                recovered.error().message));
}

}  // namespace weft::running
