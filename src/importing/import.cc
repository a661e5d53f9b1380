#include "importing/import.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cloudwatch/assembly.h"
#include "history/codec.h"
#include "importing/import_rows.h"
#include "json/arena.h"
#include "json/parse.h"
#include "reading/query.h"
#include "records/content_hash.h"
#include "records/records.h"
#include "trace/context.h"
#include "trace/ids.h"
#include "trace/nested.h"

namespace weft::importing {
namespace {

using cloudwatch::AssembledExecution;
using cloudwatch::LogEvent;
using history::Event;
using history::EventType;
using history::ExecutionKey;
using store::Family;

constexpr size_t kEventsPerTurn = 500;
constexpr std::string_view kMadeUp = ":unknown";  // how ARNs of Map Runs end that no event names
constexpr size_t kRowsPerChunk = 512;
constexpr size_t kBatchBytesMax = 8u << 20;

// The Map Run of children whose own is not known.
std::string made_up_run(const std::string& arn, const history::StatesArn& parts) {
  return history::sibling_arn(arn, "mapRun",
                              fmt::format("{}/{}{}", parts.machine, parts.label, kMadeUp));
}

std::vector<std::string> encode_turns(const std::vector<Event>& events) {
  std::vector<std::string> turns;
  for (size_t from = 0; from < events.size(); from += kEventsPerTurn) {
    const size_t to = std::min(events.size(), from + kEventsPerTurn);
    history::Turn turn;
    turn.events.assign(events.begin() + static_cast<ptrdiff_t>(from),
                       events.begin() + static_cast<ptrdiff_t>(to));
    history::encode_turn(turn, turns.emplace_back());
  }
  return turns;
}

// The trace an execution joins: what its input carries, else its own.
trace::Context trace_of(const std::string& arn, const std::vector<Event>& events) {
  if (!events.empty() && events.front().type == EventType::kExecutionStarted) {
    json::Arena arena;
    const auto input = json::parse(events.front().text.view(), arena);
    if (input) {
      if (auto context = trace::context_of_input(*input)) return *context;
    }
  }
  return {.trace = trace::trace_of_root(arn)};
}

uint64_t external_events(const std::vector<Event>& events) {
  return static_cast<uint64_t>(std::ranges::count_if(
      events, [](const Event& event) { return !history::is_internal(event.type); }));
}

// A store nobody else writes to: numbers go on after the last ones in it.
class StoreTarget : public ImportTarget {
 public:
  explicit StoreTarget(store::Store& store) : store_(store) {}
  base::Result<void> commit(store::Batch batch) override { return store_.commit(std::move(batch)); }
  base::Result<uint64_t> new_execution_index() override {
    return number_on(Family::kExecution, next_execution_,
                     [](std::string_view bytes) -> base::Result<uint64_t> {
                       const auto key = records::parse_execution_key(bytes);
                       if (!key) return std::unexpected(key.error());
                       return key->index;
                     });
  }
  base::Result<uint64_t> new_run_number() override {
    return number_on(Family::kMapRun, next_run_, records::parse_map_run_key);
  }

 private:
  using ParseKey = base::Result<uint64_t>(std::string_view);
  base::Result<uint64_t> number_on(Family family, uint64_t& next, ParseKey* number_of) {
    if (next != 0) return next++;
    next = 1;
    auto read =
        store::scan_checked(store_, family, "", "", true,
                            [&](std::string_view key, std::string_view) -> base::Result<bool> {
                              const auto last = number_of(key);
                              if (!last) return std::unexpected(last.error());
                              next = *last + 1;
                              return false;
                            });
    if (!read) return std::unexpected(read.error());
    return next++;
  }

  store::Store& store_;
  uint64_t next_execution_ = 0;  // 0: not read yet
  uint64_t next_run_ = 0;
};

}  // namespace

class Import::Writer {
 public:
  Writer(const store::Store& store, ImportTarget& target, base::Text definition)
      : store_(store),
        target_(target),
        query_(store, history::Home{}),
        definition_(std::move(definition)) {}
  Writer(store::Store& store, base::Text definition)
      : own_target_(std::make_unique<StoreTarget>(store)),
        store_(store),
        target_(*own_target_),
        query_(store, history::Home{}),
        definition_(std::move(definition)) {}

  void add(LogEvent line) {
    arns_.insert(line.execution_arn);
    if (line.event.type == EventType::kMapRunStarted) started_runs_.insert(line.event.name);
    assembly_.add(std::move(line));
  }
  base::Result<ImportReport> finish();

 private:
  // A Map Run that this import touches.
  struct Run {
    records::MapRunRecord record;
    std::map<uint64_t, history::ChildRow> rows;  // by index
    std::set<uint64_t> taken;                    // indexes of all known children
    // Made up for children that have found their own.
    bool is_left() const { return taken.empty() && record.arn.ends_with(kMadeUp); }
  };
  // An execution that this import touches.
  struct Known {
    AssembledExecution assembled;
    history::StatesArn parts;
    std::optional<ExecutionKey> key;
    uint64_t stored_events = 0;
    trace::Context trace;
    uint64_t run = 0;  // children
    bool foreign = false;
    base::UnixMs start_ms() const {
      return assembled.events.empty() ? 0 : assembled.events.front().time_ms;
    }
  };

  base::Result<void> add_waiting_children();
  base::Result<void> load_stored(const std::string& arn);
  base::Result<void> collect();
  base::Result<Run*> run_of(const std::string& arn);
  base::Result<void> load_rows(Run& run);
  base::Result<void> find_runs();
  void note_map_runs(Known& parent);
  void note_map_run_start(Known& parent, size_t at);
  base::Result<void> load_started_runs();
  std::string guess_run(const Known& child) const;
  base::Result<void> find_run(Known& child);
  base::Result<void> leave_made_up_run(Known& child, std::string& arn);
  base::Result<void> give_keys();
  base::Result<void> give_key(Known& execution);
  void give_traces();
  base::Result<void> write_nested();
  base::Result<void> write_runs();
  base::Result<void> write_rows(Run& run);
  base::Result<void> write_execution(Known& execution);
  void put_record(const Known& execution);
  base::Result<void> flush(bool always);

  std::unique_ptr<ImportTarget> own_target_;  // may be null
  const store::Store& store_;
  ImportTarget& target_;
  reading::Query query_;
  base::Text definition_;
  std::string definition_hash_;
  cloudwatch::Assembly assembly_;
  std::set<std::string> arns_;
  std::set<std::string> started_runs_;  // that lines tell of
  std::set<std::string> own_;
  std::map<std::string, ExecutionKey> stored_;  // imported before
  std::map<std::string, uint64_t> stored_events_;
  std::map<std::string, int64_t> told_us_;  // how long they took by their stored events alone
  std::vector<Known> executions_;
  std::map<std::string, Run> runs_;
  std::vector<records::MapRunRecord>
      stored_runs_;  // of earlier imports; read when a child has to guess
  store::Batch batch_;
  ImportReport report_;
};

base::Result<void> Import::Writer::flush(bool always) {
  if (batch_.empty() || (!always && batch_.bytes() < kBatchBytesMax)) return {};
  return target_.commit(std::exchange(batch_, {}));
}

// Puts what is stored of an execution among the lines.
base::Result<void> Import::Writer::load_stored(const std::string& arn) {
  auto key = query_.find_execution(arn);
  if (!key) {  // not stored, or no ARN of an execution: collect() tells
    return key.error().code == base::ErrorCode::kStorage
               ? base::Result<void>(std::unexpected(key.error()))
               : base::Result<void>();
  }
  auto imported = query_.is_imported(*key);
  if (!imported) return std::unexpected(imported.error());
  if (!*imported) {
    own_.insert(arn);
    return {};
  }
  stored_.emplace(arn, *key);
  auto events = query_.events(*key);
  if (!events) return std::unexpected(events.error());
  stored_events_[arn] = external_events(*events);
  const Outcome outcome = outcome_of(*events);
  told_us_[arn] = std::max<int64_t>(0, outcome.stop_ms - outcome.start_ms) * 1'000;
  uint64_t redrives = 0;
  for (Event& event : *events) {
    if (history::is_internal(event.type)) continue;
    if (event.type == EventType::kExecutionRedriven) ++redrives;
    assembly_.add({.execution_arn = arn, .redrive_count = redrives, .event = std::move(event)});
  }
  return {};
}

// Children that came before their Map Run, with lines that do not name it, wait in one made up for
// them.
base::Result<void> Import::Writer::add_waiting_children() {
  for (const std::string& arn : started_runs_) {
    const auto parts = history::parse_states_arn(arn);
    if (!parts || parts->kind != "mapRun") continue;
    const auto waiting = query_.map_run(made_up_run(arn, *parts));
    if (!waiting) continue;
    auto scanned = store_.scan(Family::kName, records::imported_child_key({waiting->number, 0}),
                               records::imported_child_key({waiting->number + 1, 0}), false,
                               [&](std::string_view, std::string_view child) {
                                 arns_.emplace(child);
                                 return true;
                               });
    if (!scanned) return scanned;
  }
  return {};
}

base::Result<void> Import::Writer::collect() {
  if (auto done = add_waiting_children(); !done) return done;
  for (const std::string& arn : arns_) {
    if (auto done = load_stored(arn); !done) return done;
  }
  for (AssembledExecution& assembled : assembly_.finish()) {
    const uint64_t before = stored_events_[assembled.arn];
    report_.duplicates += assembled.duplicates;
    auto parts = history::parse_states_arn(assembled.arn);
    if (!parts || (parts->kind != "execution" && parts->kind != "express")) {
      ++report_.bad_arns;
      continue;
    }
    if (own_.contains(assembled.arn)) {
      ++report_.own;
      continue;
    }
    const auto stored = stored_.find(assembled.arn);
    std::optional<ExecutionKey> key;
    if (stored != stored_.end()) key = stored->second;
    executions_.push_back({.assembled = std::move(assembled),
                           .parts = std::move(*parts),
                           .key = key,
                           .stored_events = before});
  }
  std::ranges::sort(executions_, {}, [](const Known& execution) {
    return std::tuple(execution.start_ms(), !execution.parts.label.empty(),
                      std::string_view(execution.assembled.arn));
  });
  return {};
}

// The Map Run called `arn`, as stored or new.
base::Result<Import::Writer::Run*> Import::Writer::run_of(const std::string& arn) {
  const auto known = runs_.find(arn);
  if (known != runs_.end()) return &known->second;
  auto stored = query_.map_run(arn);
  Run run;
  if (stored) {
    run.record = std::move(*stored);
    if (auto loaded = load_rows(run); !loaded) return std::unexpected(loaded.error());
  } else if (stored.error().code == base::ErrorCode::kResourceNotFound) {
    auto parts = history::parse_states_arn(arn);
    auto number = target_.new_run_number();
    if (!number) return std::unexpected(number.error());
    run.record = {.number = *number,
                  .arn = arn,
                  .label = parts->label,
                  .machine_name = parts->machine,
                  .imported = true};
  } else {
    return std::unexpected(stored.error());
  }
  return &runs_.emplace(arn, std::move(run)).first->second;
}

base::Result<void> Import::Writer::load_rows(Run& run) {
  const uint64_t number = run.record.number;
  auto scanned = query_.rows(number, [&](const history::ChildRow& row) {
    run.rows[row.index] = row;
    return true;
  });
  if (!scanned) return scanned;
  return store::scan_checked(store_, Family::kName, records::imported_child_key({number, 0}),
                             records::imported_child_key({number + 1, 0}), false,
                             [&](std::string_view key, std::string_view) -> base::Result<bool> {
                               const auto child = records::parse_imported_child_key(key);
                               if (!child) return std::unexpected(child.error());
                               run.taken.insert(child->index);
                               return true;
                             });
}

void Import::Writer::note_map_run_start(Known& parent, size_t at) {
  Event& event = parent.assembled.events[at];
  records::MapRunRecord& record = runs_.at(event.name).record;
  event.number = static_cast<int64_t>(record.number);
  record.execution_arn = parent.assembled.arn;
  record.parent_scope = event.scope;
  record.start_ms = event.time_ms;
  record.status = records::MapRunStatus::kRunning;
  record.stop_ms = 0;
  for (size_t before = at; before-- > 0;) {
    const Event& entered = parent.assembled.events[before];
    if (entered.type != EventType::kMapStateEntered || entered.scope != event.scope) continue;
    record.state_name = entered.name;
    break;
  }
}

// What the parent's events say about its Map Runs.
void Import::Writer::note_map_runs(Known& parent) {
  std::map<history::ScopeId, records::MapRunRecord*> open;
  const auto end = [&](const Event& event, records::MapRunStatus status) {
    const auto found = open.find(event.scope);
    if (found == open.end()) return;
    found->second->status = status;
    found->second->stop_ms = event.time_ms;
    found->second->error = event.error.value_or("");
    found->second->cause = event.cause.value_or("");
    open.erase(found);
  };
  for (size_t at = 0; at < parent.assembled.events.size(); ++at) {
    const Event& event = parent.assembled.events[at];
    const bool known = runs_.contains(event.name) && !runs_.at(event.name).record.arn.empty();
    if (event.type == EventType::kMapRunStarted && known) {
      note_map_run_start(parent, at);
      open[event.scope] = &runs_.at(event.name).record;
    } else if (event.type == EventType::kMapRunRedriven && known) {
      open[event.scope] = &runs_.at(event.name).record;
      open[event.scope]->status = records::MapRunStatus::kRunning;
      open[event.scope]->stop_ms = 0;
    } else if (event.type == EventType::kMapRunSucceeded) {
      end(event, records::MapRunStatus::kSucceeded);
    } else if (event.type == EventType::kMapRunFailed) {
      end(event, records::MapRunStatus::kFailed);
    } else if (event.type == EventType::kMapRunAborted) {
      end(event, records::MapRunStatus::kAborted);
    } else if (history::is_terminal(event.type)) {
      while (!open.empty()) {
        Event last = event;
        last.scope = open.begin()->first;
        end(last, records::MapRunStatus::kAborted);
      }
    }
  }
}

// Of the Map Runs with the child's state machine and label the one that had started last.
std::string Import::Writer::guess_run(const Known& child) const {
  const records::MapRunRecord* best = nullptr;
  const auto consider = [&](const records::MapRunRecord& run) {
    const bool fits = run.machine_name == child.parts.machine && run.label == child.parts.label &&
                      run.start_ms > 0 && run.start_ms <= child.start_ms();
    if (fits && (best == nullptr || run.start_ms > best->start_ms)) best = &run;
  };
  for (const auto& [arn, run] : runs_) consider(run.record);
  for (const records::MapRunRecord& run : stored_runs_) consider(run);
  if (best != nullptr) return best->arn;
  return made_up_run(child.assembled.arn, child.parts);
}

base::Result<void> Import::Writer::load_started_runs() {
  const bool guesses = std::ranges::any_of(executions_, [](const Known& one) {
    return !one.parts.label.empty() && one.assembled.map_run_arn.empty();
  });
  if (!guesses) return {};
  return store_.scan(Family::kMapRun, "", "", false, [&](std::string_view, std::string_view bytes) {
    auto run = records::decode_map_run(bytes);
    if (run && run->imported && run->start_ms > 0) stored_runs_.push_back(std::move(*run));
    return true;
  });
}

// A child that waits in a Map Run made up for it moves to its own as soon as that is known: `arn`
// becomes that one's.
base::Result<void> Import::Writer::leave_made_up_run(Known& child, std::string& arn) {
  const auto named = history::parse_states_arn(child.assembled.map_run_arn);
  const std::string better =
      named && named->kind == "mapRun" ? child.assembled.map_run_arn : guess_run(child);
  if (better == arn) return {};
  auto old = run_of(arn);
  if (!old) return std::unexpected(old.error());
  const ExecutionKey key = *child.key;
  (*old)->rows.erase(key.index);
  (*old)->taken.erase(key.index);
  batch_.remove(Family::kName, records::imported_child_key(key));
  auto scanned = store_.scan(Family::kTurn, records::turn_key(key, 0),
                             records::turn_key({key.run, key.index + 1}, 0), false,
                             [&](std::string_view turn, std::string_view) {
                               batch_.remove(Family::kTurn, std::string(turn));
                               return true;
                             });
  if (!scanned) return scanned;
  child.key.reset();
  arn = better;
  return {};
}

// Which Map Run a child belongs to.
base::Result<void> Import::Writer::find_run(Known& child) {
  std::string arn = child.assembled.map_run_arn;
  if (child.key) {
    auto record = query_.map_run(child.key->run);
    if (!record) return std::unexpected(record.error());
    arn = record->arn;
    if (arn == made_up_run(child.assembled.arn, child.parts)) {
      if (auto moved = leave_made_up_run(child, arn); !moved) return moved;
    }
  } else if (const auto parts = history::parse_states_arn(arn); !parts || parts->kind != "mapRun") {
    arn = guess_run(child);
  }
  auto run = run_of(arn);
  if (!run) return std::unexpected(run.error());
  if (!(*run)->record.imported) {  // a Map Run of our own has no children from elsewhere
    child.foreign = true;
    ++report_.own;
    return {};
  }
  child.run = (*run)->record.number;
  child.assembled.map_run_arn = arn;
  if (child.key) {  // what the row knew and no event says
    // ... which is nothing when its duration is that of the events stored so far.
    const auto row = (*run)->rows.find(child.key->index);
    if (!child.assembled.child && row != (*run)->rows.end() &&
        row->second.duration_us != told_us_[child.assembled.arn]) {
      child.assembled.child = cloudwatch::ChildFacts{.items = row->second.items,
                                                     .duration_us = row->second.duration_us};
    }
  }
  return {};
}

base::Result<void> Import::Writer::find_runs() {
  std::vector<std::pair<base::UnixMs, std::string>> started;
  for (const Known& parent : executions_) {
    for (const Event& event : parent.assembled.events) {
      const auto parts = history::parse_states_arn(event.name);
      if (event.type == EventType::kMapRunStarted && parts && parts->kind == "mapRun") {
        started.emplace_back(event.time_ms, event.name);
      }
    }
  }
  std::ranges::sort(started);
  for (const auto& [time, arn] : started) {
    if (auto run = run_of(arn); !run) return std::unexpected(run.error());
  }
  for (Known& parent : executions_) note_map_runs(parent);
  if (auto loaded = load_started_runs(); !loaded) return loaded;
  for (Known& child : executions_) {
    if (child.parts.label.empty()) continue;
    if (auto found = find_run(child); !found) return found;
  }
  return {};
}

base::Result<void> Import::Writer::give_key(Known& execution) {
  if (execution.run == 0) {
    if (execution.key) return {};
    auto index = target_.new_execution_index();
    if (!index) return std::unexpected(index.error());
    execution.key = ExecutionKey{0, *index};
    return {};
  }
  Run& run = runs_.at(execution.assembled.map_run_arn);
  if (!execution.key) {
    const auto& facts = execution.assembled.child;
    uint64_t index = run.taken.empty() ? 0 : *run.taken.rbegin() + 1;
    if (facts && !run.taken.contains(facts->index)) index = facts->index;
    execution.key = ExecutionKey{execution.run, index};
  }
  run.taken.insert(execution.key->index);
  return {};
}

// Those whose place is known take theirs first.
base::Result<void> Import::Writer::give_keys() {
  for (Known& execution : executions_) {
    if (!execution.assembled.child) continue;
    if (auto given = give_key(execution); !given) return given;
  }
  for (Known& execution : executions_) {
    if (auto given = give_key(execution); !given) return given;
  }
  for (const Known& parent : executions_) {
    for (const Event& event : parent.assembled.events) {
      const auto run = runs_.find(event.name);
      if (event.type != EventType::kMapRunStarted || run == runs_.end()) continue;
      run->second.record.parent = *parent.key;
    }
  }
  return {};
}

// A Map Run and its children are in the trace of the parent; parents come before their children.
void Import::Writer::give_traces() {
  for (Known& execution : executions_) {
    execution.trace = execution.run == 0
                          ? trace_of(execution.assembled.arn, execution.assembled.events)
                          : runs_.at(execution.assembled.map_run_arn).record.trace;
    for (const Event& event : execution.assembled.events) {
      const auto run = runs_.find(event.name);
      if (event.type != EventType::kMapRunStarted || run == runs_.end()) continue;
      run->second.record.trace = execution.trace;
      run->second.record.trace.span = trace::high_hash(run->second.record.arn);
    }
  }
}

// Which execution started which: the places of nested ones in its trace follow from it, whatever
// comes first. Of several that name the same one it is the earliest.
base::Result<void> Import::Writer::write_nested() {
  std::map<std::string, std::string> outer;
  for (const Known& execution : executions_) {
    for (const Event& event : execution.assembled.events) {
      std::string arn = trace::nested_execution_of(event);
      if (arn.empty()) continue;
      std::string value;
      store::append_u64(value, static_cast<uint64_t>(event.time_ms));
      value += records::execution_key(*execution.key);
      const auto [known, fresh] = outer.try_emplace(std::move(arn), value);
      if (!fresh) known->second = std::min(known->second, value);
    }
  }
  for (auto& [arn, value] : outer) {
    std::string key = records::imported_nested_key(arn);
    auto stored = store_.get(Family::kName, key);
    if (!stored) return std::unexpected(stored.error());
    if (*stored && **stored <= value) continue;
    batch_.put(Family::kName, std::move(key), std::move(value));
  }
  return flush(false);
}

base::Result<void> Import::Writer::write_runs() {
  for (auto& [arn, run] : runs_) {
    if (!run.record.imported) continue;
    if (run.is_left()) {
      batch_.remove(Family::kName, records::imported_arn_key(arn));
      batch_.remove(Family::kMapRun, records::map_run_key(run.record.number));
      continue;
    }
    run.record.definition_hash =
        definition_hash_.empty() ? run.record.definition_hash : definition_hash_;
    std::string number;
    store::append_u64(number, run.record.number);
    batch_.put(Family::kName, records::imported_arn_key(arn), std::move(number));
    batch_.put(Family::kMapRun, records::map_run_key(run.record.number),
               records::encode(run.record));
    if (run.record.parent != ExecutionKey{}) {
      batch_.put(Family::kExecutionMapRun,
                 records::execution_map_run_key(run.record.parent, run.record.number), "");
    }
  }
  return flush(false);
}

void Import::Writer::put_record(const Known& execution) {
  const std::vector<Event>& events = execution.assembled.events;
  const Outcome outcome = outcome_of(events);
  records::ExecutionRecord record{
      .key = *execution.key,
      .name = execution.parts.name,
      .arn = execution.assembled.arn,
      .machine_name = execution.parts.machine,
      .machine_arn =
          history::sibling_arn(execution.assembled.arn, "stateMachine", execution.parts.machine),
      .definition_hash = definition_hash_,
      .trace = execution.trace,
      .status = outcome.status,
      .start_ms = outcome.start_ms,
      .stop_ms = outcome.stop_ms,
      .imported = true};
  if (events.front().type == EventType::kExecutionStarted)
    record.role_arn = events.front().resource;
  if (definition_hash_.empty()) {
    if (auto before = query_.execution_record(record.key)) {
      record.definition_hash = before->definition_hash;
    }
  }
  batch_.put(Family::kExecution, records::execution_key(record.key), records::encode(record));
}

base::Result<void> Import::Writer::write_execution(Known& execution) {
  const ExecutionKey key = *execution.key;
  const std::vector<Event>& events = execution.assembled.events;
  std::vector<std::string> turns = encode_turns(events);
  bool changed = execution.stored_events == 0;
  for (uint32_t turn = 0; turn < turns.size(); ++turn) {
    auto stored = store_.get(Family::kTurn, records::turn_key(key, turn));
    if (!stored) return std::unexpected(stored.error());
    if (*stored == turns[turn]) continue;
    changed = true;
    batch_.put(Family::kTurn, records::turn_key(key, turn), std::move(turns[turn]));
  }
  const Outcome outcome = outcome_of(events);
  const bool running = outcome.status == history::ExecutionStatus::kRunning;
  const uint64_t fresh = external_events(events) - execution.stored_events;
  report_.new_events += fresh;
  report_.changed += changed ? 1 : 0;
  report_.incomplete += execution.assembled.incomplete ? 1 : 0;
  report_.running += running ? 1 : 0;
  ++(key.run == 0 ? report_.executions : report_.children);
  batch_.put(Family::kName, records::imported_arn_key(execution.assembled.arn),
             records::execution_key(key));
  if (key.run == 0) {
    put_record(execution);
  } else {
    batch_.put(Family::kName, records::imported_child_key(key), execution.assembled.arn);
    Run& run = runs_.at(execution.assembled.map_run_arn);
    run.rows.erase(key.index);
    if (!running) run.rows[key.index] = row_of_events(key.index, events, execution.assembled.child);
  }
  return flush(false);
}

base::Result<void> Import::Writer::write_rows(Run& run) {
  if (!run.record.imported) return {};
  const uint64_t number = run.record.number;
  std::vector<history::ChildRow> rows;
  history::MapRunCounts counts;
  history::MapRunCounts items;
  for (const auto& [index, row] : run.rows) {
    rows.push_back(row);
    ++counts.ended(row.status);
    ++counts.total;
    items.ended(row.status) += row.items;
    items.total += row.items;
  }
  counts.running = items.running = run.taken.size() - rows.size();
  counts.total += counts.running;
  items.total += items.running;
  give_lanes(rows);
  bool changed = false;
  for (size_t from = 0; from < rows.size(); from += kRowsPerChunk) {
    std::string bytes;
    for (size_t i = from; i < std::min(rows.size(), from + kRowsPerChunk); ++i) {
      history::encode_row(rows[i], bytes);
    }
    std::string key = records::row_key(run.record.number, from / kRowsPerChunk);
    auto stored = store_.get(Family::kRow, key);
    if (!stored) return std::unexpected(stored.error());
    if (*stored == bytes) continue;
    changed = true;
    batch_.put(Family::kRow, std::move(key), std::move(bytes));
    if (auto done = flush(false); !done) return done;
  }
  auto fewer = store_.scan(
      Family::kRow, records::row_key(number, (rows.size() + kRowsPerChunk - 1) / kRowsPerChunk),
      records::row_key(number + 1, 0), false, [&](std::string_view key, std::string_view) {
        changed = true;
        batch_.remove(Family::kRow, std::string(key));
        return true;
      });
  if (!fewer || run.is_left()) return fewer;
  run.record.revision += changed ? 1 : 0;
  run.record.executions = counts;
  run.record.items = items;
  batch_.put(Family::kMapRun, records::map_run_key(run.record.number), records::encode(run.record));
  return flush(false);
}

base::Result<ImportReport> Import::Writer::finish() {
  if (auto done = collect(); !done) return std::unexpected(done.error());
  if (auto done = find_runs(); !done) return std::unexpected(done.error());
  if (!definition_.is_null() && !executions_.empty()) {
    definition_hash_ = records::content_hash(definition_.view());
    batch_.put(Family::kDefinition, definition_hash_, definition_.str());
  }
  if (auto done = give_keys(); !done) return std::unexpected(done.error());
  give_traces();
  if (auto done = write_nested(); !done) return std::unexpected(done.error());
  if (auto done = write_runs(); !done) return std::unexpected(done.error());
  for (Known& execution : executions_) {
    if (auto done = write_execution(execution); !done) return std::unexpected(done.error());
  }
  for (auto& [arn, run] : runs_) {
    if (auto done = write_rows(run); !done) return std::unexpected(done.error());
    report_.map_runs += run.record.imported && !run.is_left() ? 1 : 0;
  }
  if (auto done = flush(true); !done) return std::unexpected(done.error());
  return report_;
}

Import::Import(store::Store& store, base::Text definition)
    : writer_(std::make_unique<Writer>(store, std::move(definition))) {}

Import::Import(const store::Store& store, ImportTarget& target, base::Text definition)
    : writer_(std::make_unique<Writer>(store, target, std::move(definition))) {}

Import::~Import() = default;

void Import::add(LogEvent line) { writer_->add(std::move(line)); }

base::Result<ImportReport> Import::finish() { return writer_->finish(); }

}  // namespace weft::importing
