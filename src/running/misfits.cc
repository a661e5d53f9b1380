#include "running/misfits.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "arn/arn.h"
#include "history/codec.h"
#include "history/outcome.h"
#include "running/lost_parts.h"
#include "running/stored_children.h"
#include "running/stored_work.h"

namespace weft::running {
namespace {

using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

constexpr std::string_view kMendedKey = "losses-mended";  // Family::kMeta -> how many losses
constexpr size_t kToldMax = 100;                          // sentences that the store keeps

std::string why(const base::Error& error) {
  constexpr std::string_view kPrefix = "The store is damaged: ";
  return error.message.substr(error.message.starts_with(kPrefix) ? kPrefix.size() : 0);
}

// How the history of a top-level execution stands.
struct HistoryEnd {
  uint32_t turns = 0;
  bool whole = true;                  // the turns follow one another
  std::optional<history::Event> end;  // its last event, when that is an end
  uint32_t redrives = 0;
  base::UnixMs redrive_ms = 0;
};

base::Result<HistoryEnd> read_end(const store::Store& store, ExecutionKey key) {
  HistoryEnd found;
  auto scanned = store::scan_checked(
      store, Family::kTurn, records::turn_key(key, 0),
      records::turn_key({key.run, key.index + 1}, 0), false,
      [&](std::string_view at, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_turn_key(at);
        if (!place) return std::unexpected(place.error());
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        found.whole = found.whole && place->turn == found.turns;
        ++found.turns;
        found.end.reset();
        for (history::Event& event : turn->events) {
          if (event.type == history::EventType::kExecutionRedriven) {
            found.redrives = static_cast<uint32_t>(event.number);
            found.redrive_ms = event.time_ms;
          }
        }
        if (!turn->events.empty() && history::is_terminal(turn->events.back().type))
          found.end = std::move(turn->events.back());
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return found;
}

class Finder {
 public:
  Finder(const store::Store& store, base::UnixMs now_ms)
      : store_(store), programs_(store), names_(0), now_ms_(now_ms) {}

  base::Result<Misfits> run() {
    auto key = store_.get(Family::kMeta, "child-name-key");
    if (!key) return std::unexpected(key.error());
    if (*key) names_ = arn::ChildNames(store::read_u64(**key, 0).value_or(0));
    auto done = executions();
    if (done) done = executions_without_a_record();
    if (done) done = map_runs();
    if (done) done = map_runs_without_a_record();
    if (!done) return std::unexpected(done.error());
    return std::move(out_);
  }

 private:
  struct Waiting {
    Parent parent;
    AwaitedRun awaited;
  };

  void note(std::string what, std::string mended = "") {
    out_.found.push_back({std::move(what), std::move(mended)});
  }
  void put(Family family, std::string key, std::string value) {
    out_.mending.put(family, std::move(key), std::move(value));
  }

  // Executions.
  base::Result<void> executions();
  base::Result<void> execution(const records::ExecutionRecord& record);
  base::Result<void> index(const records::ExecutionRecord& record);
  base::Result<void> ended(records::ExecutionRecord record);
  base::Result<void> open(const records::ExecutionRecord& record);
  base::Result<void> end_as_its_history(records::ExecutionRecord record, const HistoryEnd& history);
  base::Result<void> cannot_go_on(const records::ExecutionRecord& record,
                                  const std::string& reason);
  base::Result<void> executions_without_a_record();
  base::Result<void> stand_in(ExecutionKey key, const std::string& machine,
                              const std::string& name);
  // Map Runs.
  base::Result<void> map_runs();
  base::Result<void> map_run(const records::MapRunRecord& record);
  base::Result<void> index(const records::MapRunRecord& record);
  base::Result<void> whole(const records::MapRunRecord& record);
  base::Result<void> map_runs_without_a_record();
  base::Result<void> missing_map_run(const Parent& parent, uint64_t number);
  void await(const Parent& parent, const engine::ExecutionState& state);
  const Waiting* who_awaits(const records::MapRunRecord& record) const;

  const store::Store& store_;
  Programs programs_;
  arn::ChildNames names_;
  const base::UnixMs now_ms_;
  Misfits out_;
  std::set<uint64_t> executions_;        // numbers that have a record
  std::set<uint64_t> map_runs_;          // the same
  std::map<uint64_t, Waiting> awaited_;  // by Map Run
};

base::Result<void> Finder::executions() {
  return scan_executions(store_,
                         [&](base::Result<records::ExecutionRecord> record) -> base::Result<void> {
                           if (!record) {
                             note(why(record.error()));
                             return {};
                           }
                           executions_.insert(record->key.index);
                           if (auto done = index(*record); !done) return done;
                           if (record->imported || record->lost) return {};
                           return execution(*record);
                         });
}

base::Result<void> Finder::index(const records::ExecutionRecord& record) {
  const std::string number = records::execution_key(record.key);
  std::string key = record.imported ? records::imported_arn_key(record.arn)
                                    : records::name_key(record.machine_name, record.name);
  if (record.express && !record.imported) {
    // Its ARN leads to it without an index, as long as the key is the one it was made with.
    const auto uuid = record.arn.substr(record.arn.rfind(':') + 1);
    if (names_.parse_express(uuid) == record.key) return {};
    key = records::imported_arn_key(record.arn);
  }
  auto known = store_.get(Family::kName, key);
  if (!known) return std::unexpected(known.error());
  if (*known) return {};
  note(fmt::format("the name of the execution {} is missing", record.arn), "it is found again");
  put(Family::kName, std::move(key), number);
  return {};
}

base::Result<void> Finder::execution(const records::ExecutionRecord& record) {
  return record.status == ExecutionStatus::kRunning ? open(record) : ended(record);
}

base::Result<void> Finder::ended(records::ExecutionRecord record) {
  auto history = read_end(store_, record.key);
  if (history && history->whole && history->end && history->redrives >= record.redrive_count) {
    const bool same = history->redrives == record.redrive_count &&
                      history::status_of(history->end->type) == record.status;
    return same ? base::Result<void>() : end_as_its_history(std::move(record), *history);
  }
  if (history && history->whole && history->redrives > record.redrive_count) {
    note(fmt::format("the record of the execution {} is older than its history, in which it was "
                     "redriven",
                     record.arn),
         "it goes on");
    record.status = ExecutionStatus::kRunning;
    record.stop_ms = 0;
    record.redrive_count = history->redrives;
    record.redrive_ms = history->redrive_ms;
    put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    return open(record);
  }
  note(fmt::format("the execution {} has ended, and of its history a part is missing", record.arn),
       "what is left can be read");
  record.lost = true;
  put(Family::kExecution, records::execution_key(record.key), records::encode(record));
  return {};
}

base::Result<void> Finder::open(const records::ExecutionRecord& record) {
  const auto history = read_end(store_, record.key);
  if (history && history->whole && history->end) return end_as_its_history(record, *history);
  auto program = programs_.get(record.definition_hash);
  if (!program) return cannot_go_on(record, why(program.error()));
  if (record.express) {
    auto input = input_of_express(store_, record.key);
    return input ? base::Result<void>() : cannot_go_on(record, why(input.error()));
  }
  auto replayed = replay_open(store_, record.key, *program, asl::kRootBlock);
  if (!replayed) return cannot_go_on(record, why(replayed.error()));
  await({.key = record.key,
         .arn = record.arn,
         .machine_name = record.machine_name,
         .definition_hash = record.definition_hash,
         .role_arn = record.role_arn},
        replayed->state);
  return {};
}

base::Result<void> Finder::end_as_its_history(records::ExecutionRecord record,
                                              const HistoryEnd& history) {
  const ExecutionStatus before = record.status;
  record.status = history::status_of(history.end->type);
  record.stop_ms = history.end->time_ms;
  record.redrive_count = std::max(record.redrive_count, history.redrives);
  record.redrive_ms = std::max(record.redrive_ms, history.redrive_ms);
  note(fmt::format("the record of the execution {} is older than its history: {}", record.arn,
                   history::to_string(before)),
       fmt::format("it is {}, as its history says", history::to_string(record.status)));
  put(Family::kExecution, records::execution_key(record.key), records::encode(record));
  return {};
}

base::Result<void> Finder::cannot_go_on(const records::ExecutionRecord& record,
                                        const std::string& reason) {
  note(fmt::format("the execution {} cannot go on: {}", record.arn, reason), "it is FAILED");
  return end_lost_execution(store_, programs_.get(record.definition_hash).value_or(nullptr), record,
                            reason, now_ms_, out_.mending);
}

// Of which a name is left, or a history.
base::Result<void> Finder::executions_without_a_record() {
  auto scanned = store::scan_checked(
      store_, Family::kName, std::string(1, '\4'), "", false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const size_t cut = key.find('\0');
        if (cut == std::string_view::npos || value.size() != 2 * sizeof(uint64_t)) return true;
        const auto named = records::parse_execution_key(value);
        if (!named) return std::unexpected(named.error());
        if (named->run != 0 || executions_.contains(named->index)) return true;
        auto done =
            stand_in(*named, std::string(key.substr(0, cut)), std::string(key.substr(cut + 1)));
        if (!done) return std::unexpected(done.error());
        return true;
      });
  if (!scanned) return scanned;
  for (uint64_t from = 0;;) {
    std::optional<ExecutionKey> next;
    scanned = store::scan_checked(
        store_, Family::kTurn, records::execution_key({0, from}), records::execution_key({1, 0}),
        false, [&](std::string_view key, std::string_view) -> base::Result<bool> {
          const auto place = records::parse_turn_key(key);
          if (!place) return std::unexpected(place.error());
          next = place->key;
          return false;
        });
    if (!scanned || !next) return scanned;
    from = next->index + 1;
    if (executions_.contains(next->index)) continue;
    const std::string name = fmt::format("lost-{}", next->index);
    if (auto done = stand_in(*next, "lost", name); !done) return done;
    put(Family::kName, records::name_key("lost", name), records::execution_key(*next));
  }
}

base::Result<void> Finder::stand_in(ExecutionKey key, const std::string& machine,
                                    const std::string& name) {
  const arn::Home home;
  records::ExecutionRecord record{.key = key,
                                  .name = name,
                                  .arn = arn::execution_arn(home, machine, name),
                                  .machine_name = machine,
                                  .machine_arn = arn::machine_arn(home, machine),
                                  .start_ms = now_ms_};
  executions_.insert(key.index);
  const std::string what = fmt::format("the record of the execution {} is missing", record.arn);
  auto history = read_end(store_, key);
  if (history && history->whole && history->end) {
    record.lost = true;
    note(what, "another stands in its place, as its history says");
    record.status = history::status_of(history->end->type);
    record.stop_ms = history->end->time_ms;
    record.start_ms = std::min(record.start_ms, record.stop_ms);
    put(Family::kExecution, records::execution_key(key), records::encode(record));
    return {};
  }
  note(what, "another stands in its place, FAILED");
  return end_lost_execution(store_, nullptr, std::move(record), "its record", now_ms_,
                            out_.mending);
}

base::Result<void> Finder::map_runs() {
  return scan_map_runs(store_,
                       [&](base::Result<records::MapRunRecord> record) -> base::Result<void> {
                         if (!record) {
                           note(why(record.error()));
                           return {};
                         }
                         map_runs_.insert(record->number);
                         if (auto done = index(*record); !done) return done;
                         if (record->imported || record->lost) return {};
                         return map_run(*record);
                       });
}

base::Result<void> Finder::index(const records::MapRunRecord& record) {
  if (!record.imported) {
    std::string key = records::execution_map_run_key(record.parent, record.number);
    auto known = store_.get(Family::kExecutionMapRun, key);
    if (!known) return std::unexpected(known.error());
    if (!*known) {
      note(fmt::format("the Map Run {} is not among those of its execution", record.arn),
           "it is again");
      put(Family::kExecutionMapRun, std::move(key), "");
    }
    if (names_.parse_map_run(arn::execution_name_of(record.arn)) == record.number) return {};
  }
  std::string key = records::imported_arn_key(record.arn);
  auto known = store_.get(Family::kName, key);
  if (!known) return std::unexpected(known.error());
  if (*known) return {};
  note(fmt::format("the name of the Map Run {} is missing", record.arn), "it is found again");
  put(Family::kName, std::move(key), records::map_run_key(record.number));
  return {};
}

const Finder::Waiting* Finder::who_awaits(const records::MapRunRecord& record) const {
  const auto found = awaited_.find(record.number);
  return found != awaited_.end() && found->second.parent.key == record.parent ? &found->second
                                                                              : nullptr;
}

base::Result<void> Finder::map_run(const records::MapRunRecord& record) {
  auto fits = whole(record);
  if (fits) return {};
  const std::string reason = why(fits.error());
  const Waiting* waiting = who_awaits(record);
  records::MapRunRecord lost = record;
  const bool redriven = waiting != nullptr && waiting->awaited.redrives > record.redrive_count;
  if (redriven) lost.redrive_count = waiting->awaited.redrives;
  // Where its results are, they are.
  const bool to_be_read =
      record.status == records::MapRunStatus::kSucceeded && record.result_key.empty();
  const bool fails = record.status == records::MapRunStatus::kRunning ||
                     (waiting != nullptr && (redriven || to_be_read));
  auto made = lost_run(store_, std::move(lost), reason, fails, now_ms_);
  if (!made) return std::unexpected(made.error());
  note(fmt::format("the Map Run {} {}: {}", record.arn, fails ? "cannot go on" : "is not whole",
                   reason),
       fails ? "it is FAILED" : "what is left can be read");
  put(Family::kMapRun, records::map_run_key(record.number), records::encode(*made));
  return {};
}

base::Result<void> Finder::whole(const records::MapRunRecord& record) {
  auto run = restore_stored_run(store_, programs_, record, {});
  if (!run) return std::unexpected(run.error());
  if (auto checked = check_children(store_, *run); !checked) return checked;
  if (record.status != records::MapRunStatus::kRunning || record.closing) return {};
  return scan_begun_children(store_, *run,
                             [&](uint64_t index, const Replayed& child) -> base::Result<void> {
                               await({.key = {record.number, index},
                                      .arn = records::child_arn(record, names_, index),
                                      .machine_name = record.machine_name,
                                      .definition_hash = record.definition_hash,
                                      .role_arn = record.role_arn},
                                     child.state);
                               return {};
                             });
}

void Finder::await(const Parent& parent, const engine::ExecutionState& state) {
  for (const AwaitedRun& awaited : awaited_runs(state))
    awaited_.insert_or_assign(awaited.number, Waiting{parent, awaited});
}

base::Result<void> Finder::map_runs_without_a_record() {
  for (const auto& [number, waiting] : awaited_) {
    if (map_runs_.contains(number)) continue;
    if (auto done = missing_map_run(waiting.parent, number); !done) return done;
  }
  return store::scan_checked(
      store_, Family::kExecutionMapRun, "", "", false,
      [&](std::string_view key, std::string_view) -> base::Result<bool> {
        const auto place = records::parse_detail_place(key);
        if (!place) return std::unexpected(place.error());
        if (map_runs_.contains(place->sequence) || awaited_.contains(place->sequence)) return true;
        note(fmt::format("the record of Map Run {} is missing", place->sequence),
             "its execution does not name it any more");
        out_.mending.remove(Family::kExecutionMapRun, std::string(key));
        return true;
      });
}

base::Result<void> Finder::missing_map_run(const Parent& parent, uint64_t number) {
  const auto waiting = awaited_.at(number);
  auto made = missing_run(store_, programs_, parent, number, now_ms_);
  if (!made) return std::unexpected(made.error());
  const std::string what = fmt::format(
      "the execution {} waits for Map Run {}, whose record is "
      "missing",
      parent.arn, number);
  if (!*made) {
    note(what);
    return {};
  }
  (*made)->redrive_count = waiting.awaited.redrives;
  note(what, "the Map Run is FAILED");
  put(Family::kMapRun, records::map_run_key(number), records::encode(**made));
  return index(**made);
}

// How many losses the store tells of.
base::Result<uint64_t> count_losses(const store::Store& store) {
  uint64_t losses = 0;
  std::string end(store::kDataLossPrefix);
  end.back() = static_cast<char>(end.back() + 1);
  auto scanned = store.scan(Family::kMeta, store::kDataLossPrefix, end, false,
                            [&](std::string_view, std::string_view) { return ++losses, true; });
  if (!scanned) return std::unexpected(scanned.error());
  return losses;
}

uint64_t number_in(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

base::Result<Misfits> find_misfits(const store::Store& store, base::UnixMs now_ms) {
  return Finder(store, now_ms).run();
}

base::Result<std::vector<std::string>> mend_losses(store::Store& store, base::UnixMs now_ms,
                                                   MendWhen when) {
  auto losses = count_losses(store);
  if (!losses) return std::unexpected(losses.error());
  auto known = store.get(Family::kMeta, kMendedKey);
  if (!known) return std::unexpected(known.error());
  if (when == MendWhen::kAfterLosses && *losses <= number_in(known->value_or("0")))
    return std::vector<std::string>();
  auto misfits = find_misfits(store, now_ms);
  if (!misfits) return std::unexpected(misfits.error());
  std::vector<std::string> told;
  for (const Misfit& misfit : misfits->found) {
    told.push_back(misfit.mended.empty() ? misfit.what
                                         : fmt::format("{}; {}", misfit.what, misfit.mended));
  }
  store::Batch batch = std::move(misfits->mending);
  const size_t kept = std::min(told.size(), kToldMax);
  for (size_t i = 0; i < kept; ++i) {
    batch.put(Family::kMeta,
              fmt::format("{}then-mended-{:03}-{:03}", store::kDataLossPrefix, *losses, i),
              told[i]);
  }
  if (*losses + kept == 0) return told;
  batch.put(Family::kMeta, std::string(kMendedKey), std::to_string(*losses + kept));
  if (auto written = store.commit(std::move(batch)); !written)
    return std::unexpected(written.error());
  return told;
}

}  // namespace weft::running
