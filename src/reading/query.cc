#include "reading/query.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "arn/place.h"
#include "history/codec.h"
#include "history/outcome.h"
#include "reading/map_run_names.h"

namespace weft::reading {
namespace {

using base::ErrorCode;
using base::fail;
using history::Event;
using history::EventType;
using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

std::unexpected<base::Error> no_execution(std::string_view arn) {
  return fail(ErrorCode::kExecutionDoesNotExist,
              fmt::format("Execution Does Not Exist: '{}'", arn));
}

// The first key after all those that begin with `prefix`.
std::string prefix_end(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

// Fills in what the events of an execution tell: its input, and how it ended.
void apply_events(const std::vector<Event>& events, ExecutionView& view) {
  for (const Event& event : events) {
    if (event.type == EventType::kExecutionStarted) {
      view.input = event.text;
      view.start_ms = event.time_ms;
    } else if (history::is_terminal(event.type)) {
      view.status = history::status_of(event.type);
      view.stop_ms = event.time_ms;
      view.error = event.error;
      view.cause = event.cause;
      if (event.type == EventType::kExecutionSucceeded) view.output = event.text;
    }
    view.events = std::max(view.events, event.id);
  }
}

// A redriven execution had an end, and has none now.
void drop_earlier_end(const std::vector<Event>& events, ExecutionView& view) {
  if (view.redrive_count == 0 || events.empty() || history::is_terminal(events.back().type)) return;
  view.status = history::ExecutionStatus::kRunning;
  view.stop_ms = 0;
  view.error.reset();
  view.cause.reset();
}

// Of which the history does not tell the end any more, the record does.
void add_lost_end(const records::ExecutionRecord& record, ExecutionView& view) {
  if (record.imported || record.status == ExecutionStatus::kRunning) return;
  if (view.status != ExecutionStatus::kRunning) return;
  view.status = record.status;
  view.stop_ms = record.stop_ms;
  view.error = "States.Runtime";
  view.cause = "A part of the store was lost: how the execution ended is not known any more";
}

// The events of the first and of the last turn: enough for an ExecutionView, however long the
// history is.
base::Result<std::vector<Event>> outer_events(const store::Store& store, ExecutionKey key) {
  const std::string from = records::execution_key(key);
  const std::string to = prefix_end(from);
  std::vector<Event> events;
  const auto take = [&](std::string_view, std::string_view value) -> base::Result<bool> {
    auto turn = history::decode_turn(value);
    if (!turn) return std::unexpected(turn.error());
    std::ranges::move(turn->events, std::back_inserter(events));
    return false;
  };
  for (bool reverse : {false, true}) {
    auto scanned = store::scan_checked(store, Family::kTurn, from, to, reverse, take);
    if (!scanned) return std::unexpected(scanned.error());
  }
  return events;
}

// By hand: clang refuses libstdc++ 12's stable_sort(), which calls what is deprecated.
void sort_by_time(std::vector<trace::LogLine>& lines) {
  std::vector<size_t> order(lines.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(lines[i].time_ns, i); });
  std::vector<trace::LogLine> sorted;
  sorted.reserve(lines.size());
  for (const size_t i : order) sorted.push_back(std::move(lines[i]));
  lines = std::move(sorted);
}

arn::ChildNames read_child_names(const store::Store& store) {
  const auto bytes = store.get(Family::kMeta, "child-name-key");
  const bool usable = bytes && *bytes && (*bytes)->size() == sizeof(uint64_t);
  return arn::ChildNames(usable ? *store::read_u64(**bytes, 0) : 0);
}

}  // namespace

Query::Query(const store::Store& store, arn::Home identity, std::string derived_directory,
             DerivedFiles derived_files)
    : store_(store),
      identity_(std::move(identity)),
      derived_directory_(std::move(derived_directory)),
      derived_files_(derived_files),
      child_names_(read_child_names(store)) {}

base::Result<records::MachineRecord> Query::machine(std::string_view arn) const {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "stateMachine") {
    return kind_not_valid(parts->kind);
  }
  auto bytes = store_.get(Family::kMachine, parts->machine);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes || !parts->name.empty() || !arn::is_at(identity_, arn)) {
    return fail(ErrorCode::kStateMachineDoesNotExist,
                fmt::format("State Machine Does Not Exist: '{}'", arn));
  }
  return records::decode_machine(**bytes);
}

base::Result<base::Text> Query::definition(std::string_view hash) const {
  auto bytes = store_.get(Family::kDefinition, hash);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) {
    return fail(ErrorCode::kStorage,
                fmt::format("The store has no definition with the hash {}", hash));
  }
  return base::Text(std::move(**bytes));
}

base::Result<std::optional<ExecutionKey>> Query::own_execution(const arn::StatesArn& parts) const {
  const bool express = parts.kind == "express";
  if (parts.kind != "execution" && !express) return std::nullopt;
  if (!parts.label.empty()) {
    const auto key = child_names_.parse(arn::before_uuid(parts.name));
    if (!key || parts.name != child_names_.name_in_arn(*key, express)) return std::nullopt;
    auto run = map_run(key->run);
    if (!run && run.error().code != ErrorCode::kResourceNotFound) {
      return std::unexpected(run.error());
    }
    const bool own = run && !run->imported && run->machine_name == parts.machine &&
                     run->label == parts.label && run->express == express;
    return own ? key : std::nullopt;
  }
  if (express) return own_express(parts);
  auto bytes = store_.get(Family::kName, records::name_key(parts.machine, parts.name));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return records::parse_execution_key(**bytes);
}

base::Result<std::optional<ExecutionKey>> Query::own_express(const arn::StatesArn& parts) const {
  const size_t colon = std::min(parts.name.find(':'), parts.name.size() - 1);
  const auto key = child_names_.parse_express(parts.name.substr(colon + 1));
  if (!key || key->run != 0) return std::nullopt;
  auto record = execution_record(*key);
  if (!record && record.error().code != ErrorCode::kExecutionDoesNotExist)
    return std::unexpected(record.error());
  const bool own = record && record->express && record->machine_name == parts.machine &&
                   arn::execution_name_of(record->arn) == parts.name;
  return own ? key : std::nullopt;
}

base::Result<std::optional<std::string>> Query::imported(std::string_view arn) const {
  return store_.get(Family::kName, records::imported_arn_key(arn));
}

base::Result<ExecutionKey> Query::find_execution(std::string_view arn) const {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "execution" && parts->kind != "express") return kind_not_valid(parts->kind);
  if (arn::is_at(identity_, arn)) {
    auto own = own_execution(*parts);
    if (!own) return std::unexpected(own.error());
    if (*own) return **own;
  }
  auto bytes = imported(arn);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes) return records::parse_execution_key(**bytes);
  return no_execution(arn);
}

base::Result<bool> Query::is_imported(ExecutionKey key) const {
  if (key.run == 0) {
    auto record = execution_record(key);
    if (!record) return std::unexpected(record.error());
    return record->imported;
  }
  auto run = map_run(key.run);
  if (!run) return std::unexpected(run.error());
  return run->imported;
}

base::Result<std::optional<ExecutionKey>> Query::imported_outer(std::string_view arn) const {
  auto bytes = store_.get(Family::kName, records::imported_nested_key(arn));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return records::parse_execution_key(std::string_view(**bytes).substr(
      std::min((*bytes)->size(), sizeof(uint64_t))));  // behind the moment
}

base::Result<records::ExecutionRecord> Query::execution_record(ExecutionKey top_level) const {
  auto bytes = store_.get(Family::kExecution, records::execution_key(top_level));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) {
    return fail(ErrorCode::kExecutionDoesNotExist,
                fmt::format("Execution Does Not Exist: '{}'", top_level.index));
  }
  return records::decode_execution(**bytes);
}

base::Result<ExecutionView> Query::execution(std::string_view arn) const {
  auto key = find_execution(arn);
  if (!key) return std::unexpected(key.error());
  ExecutionView view{.key = *key};
  auto events = outer_events(store_, *key);
  if (!events) return std::unexpected(events.error());
  if (key->run == 0) {
    auto record = execution_record(*key);
    if (!record) return std::unexpected(record.error());
    apply_events(*events, view);
    view.arn = record->arn;
    view.name = record->name;
    view.machine_arn = record->machine_arn;
    view.trace_header = record->trace_header;
    view.start_ms = record->start_ms;
    view.redrive_count = record->redrive_count;
    view.redrive_ms = record->redrive_ms;
    view.express = record->express;
    drop_earlier_end(*events, view);
    add_lost_end(*record, view);
    return view;
  }
  if (events->empty()) return no_execution(arn);
  auto run = map_run(key->run);
  if (!run) return std::unexpected(run.error());
  apply_events(*events, view);
  view.arn = child_arn(*run, key->index);
  view.name = run->imported ? std::string(arn::execution_name_of(view.arn))
                            : child_names_.name_in_arn(*key, run->express);
  view.machine_arn = machine_arn_of(*run);
  view.map_run_arn = run->arn;
  view.express = run->express;
  if (auto added = add_redrives(*run, view); !added) return std::unexpected(added.error());
  if (!run->express) drop_earlier_end(*events, view);
  return view;
}

base::Result<void> Query::add_redrives(const records::MapRunRecord& run,
                                       ExecutionView& view) const {
  if (run.redrive_count == 0) return {};
  if (run.express) {  // its history began anew
    auto row = row_of(run.number, view.key.index);
    if (!row) return std::unexpected(row.error());
    if (*row) view.redrive_count = (*row)->redrives;
    if (view.redrive_count > 0) view.redrive_ms = view.start_ms;
  } else {
    auto all = events(view.key);
    if (!all) return std::unexpected(all.error());
    for (const Event& event : *all) {
      if (event.type != history::EventType::kExecutionRedriven) continue;
      view.redrive_count = static_cast<uint64_t>(event.number);
      view.redrive_ms = event.time_ms;
    }
  }
  const bool waits = run.status == records::MapRunStatus::kRunning && view.stop_ms != 0 &&
                     view.status != history::ExecutionStatus::kSucceeded &&
                     view.stop_ms <= run.redrive_ms;
  if (waits) view.status = history::ExecutionStatus::kPendingRedrive;
  return {};
}

base::Result<std::vector<Event>> Query::events(ExecutionKey key) const {
  const std::string from = records::execution_key(key);
  std::vector<Event> events;
  auto scanned =
      store::scan_checked(store_, Family::kTurn, from, prefix_end(from), false,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            auto turn = history::decode_turn(value);
                            if (!turn) return std::unexpected(turn.error());
                            std::ranges::move(turn->events, std::back_inserter(events));
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return events;
}

base::Result<void> Query::visit_events(
    ExecutionKey key, uint32_t from_turn, bool reverse,
    const std::function<bool(uint32_t, const Event&)>& visit) const {
  const std::string all = records::execution_key(key);
  const bool whole = from_turn == UINT32_MAX;
  const std::string from = reverse ? all : records::turn_key(key, from_turn);
  const std::string to =
      reverse && !whole ? records::turn_key(key, from_turn + 1) : prefix_end(all);
  return store::scan_checked(
      store_, Family::kTurn, from, to, reverse,
      [&](std::string_view at, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_turn_key(at);
        if (!place) return std::unexpected(place.error());
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        if (reverse) std::ranges::reverse(turn->events);
        return std::ranges::all_of(turn->events,
                                   [&](const Event& each) { return visit(place->turn, each); });
      });
}

base::Result<history::DetailKey> Query::detail_key_of(ExecutionKey key) const {
  if (key.run != 0) return key;
  auto record = execution_record(key);
  if (!record) return std::unexpected(record.error());
  return records::detail_key(*record);
}

base::Result<std::vector<trace::InnerSpan>> Query::inner_spans(ExecutionKey key) const {
  std::vector<trace::InnerSpan> spans;
  const auto at = detail_key_of(key);
  if (!at) return std::unexpected(at.error());
  auto scanned = store::scan_checked(
      store_, Family::kSpan, records::first_detail_key(*at), records::end_of_detail(*at), false,
      [&](std::string_view, std::string_view value) -> base::Result<bool> {
        auto decoded = trace::decode_inner_spans(value, spans);
        if (!decoded) return std::unexpected(decoded.error());
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return spans;
}

base::Result<void> Query::spans_of_children(
    uint64_t map_run, const std::function<void(uint64_t, const trace::InnerSpan&)>& visit) const {
  return store::scan_checked(
      store_, Family::kSpan, records::execution_key({map_run, 0}),
      records::execution_key({map_run + 1, 0}), false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto at = records::parse_detail_place(key);
        if (!at) return std::unexpected(at.error());
        std::vector<trace::InnerSpan> spans;
        if (auto read = trace::decode_inner_spans(value, spans); !read) {
          return std::unexpected(read.error());
        }
        for (const trace::InnerSpan& span : spans) visit(at->key.execution().index, span);
        return true;
      });
}

base::Result<std::optional<Query::LoggedLines>> Query::next_log_lines(
    history::DetailKey from, history::DetailKey to,
    const std::function<bool(uint64_t)>& wants) const {
  LoggedLines found;
  auto scanned = store::scan_checked(
      store_, Family::kLog, records::first_detail_key(from), records::first_detail_key(to), false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto at = records::parse_detail_place(key);
        if (!at) return std::unexpected(at.error());
        if (!found.lines.empty() && at->key != found.key) return false;
        if (wants && !wants(at->sequence)) return true;
        found.key = at->key;
        auto decoded = trace::decode_log_lines(value, found.lines);
        if (!decoded) return std::unexpected(decoded.error());
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  if (found.lines.empty()) return std::nullopt;
  sort_by_time(found.lines);
  return found;
}

base::Result<std::optional<ExecutionKey>> Query::find_request(std::string_view request_id) const {
  auto bytes = store_.get(Family::kName, records::request_key(request_id));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return records::parse_execution_key(**bytes);
}

base::Result<std::string> Query::execution_arn(ExecutionKey key) const {
  if (key.run == 0) {
    auto record = execution_record(key);
    if (!record) return std::unexpected(record.error());
    return std::move(record->arn);
  }
  auto run = map_run(key.run);
  if (!run) return std::unexpected(run.error());
  return child_arn(*run, key.index);
}

base::Result<void> Query::turns(
    uint64_t run,
    const std::function<bool(ExecutionKey, const history::TurnEvents&)>& visit) const {
  return turns(run, 0, UINT64_MAX, visit);
}

base::Result<void> Query::turns(
    uint64_t run, uint64_t from, uint64_t to,
    const std::function<bool(ExecutionKey, const history::TurnEvents&)>& visit) const {
  const ExecutionKey end = to == UINT64_MAX ? ExecutionKey{run + 1, 0} : ExecutionKey{run, to};
  return store::scan_checked(
      store_, Family::kTurn, records::execution_key({run, from}), records::execution_key(end),
      false, [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_turn_key(key);
        if (!place) return std::unexpected(place.error());
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        return visit(place->key, *turn);
      });
}

}  // namespace weft::reading
