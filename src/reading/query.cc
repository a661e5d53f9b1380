#include "reading/query.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "history/codec.h"
#include "history/outcome.h"
#include "maprun/slice.h"
#include "records/kept_detail.h"

namespace weft::reading {
namespace {

using base::ErrorCode;
using base::fail;
using history::Event;
using history::EventType;
using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

std::unexpected<base::Error> bad_token() {
  return fail(ErrorCode::kInvalidToken, "Invalid Token: 'Invalid token'");
}

std::unexpected<base::Error> no_execution(std::string_view arn) {
  return fail(ErrorCode::kExecutionDoesNotExist,
              fmt::format("Execution Does Not Exist: '{}'", arn));
}

std::unexpected<base::Error> no_map_run(std::string_view arn) {
  return fail(ErrorCode::kResourceNotFound, fmt::format("Resource not found: '{}'", arn));
}

// The first key after all those that begin with `prefix`.
std::string prefix_end(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xFF') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::optional<uint64_t> parse_number(std::string_view text, int radix) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A child's position in the rows of its Map Run: the place a page of children stops at.
struct RowPosition {
  uint64_t chunk = UINT64_MAX;
  uint64_t count = UINT64_MAX;  // rows of the chunk that are still to come (it is read backward)
};

base::Result<RowPosition> parse_row_position(std::string_view token) {
  if (token.empty()) return RowPosition{};
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return bad_token();
  const auto chunk = parse_number(token.substr(0, dot), 16);
  const auto count = parse_number(token.substr(dot + 1), 16);
  if (!chunk || !count) return bad_token();
  return RowPosition{*chunk, *count};
}

std::string labelled_machine(const records::MapRunRecord& run) {
  return fmt::format("{}/{}", run.machine_name, run.label);
}

std::string labelled_machine_arn(const records::MapRunRecord& run) {
  return history::sibling_arn(run.arn, "stateMachine", labelled_machine(run));
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
  }
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

history::ChildNames read_child_names(const store::Store& store) {
  const auto bytes = store.get(Family::kMeta, "child-name-key");
  const bool usable = bytes && *bytes && (*bytes)->size() == sizeof(uint64_t);
  return history::ChildNames(usable ? *store::read_u64(**bytes, 0) : 0);
}

}  // namespace

Query::Query(const store::Store& store, history::Home identity)
    : store_(store), identity_(std::move(identity)), child_names_(read_child_names(store)) {}

base::Result<records::MachineRecord> Query::machine(std::string_view arn) const {
  auto parts = history::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "stateMachine") {
    return fail(
        ErrorCode::kInvalidArn,
        fmt::format("Invalid Arn: 'Resource type not valid in this context: {}'", parts->kind));
  }
  auto bytes = store_.get(Family::kMachine, parts->machine);
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes || !parts->name.empty()) {
    return fail(ErrorCode::kStateMachineDoesNotExist,
                fmt::format("State Machine Does Not Exist: '{}'", arn));
  }
  return records::decode_machine(**bytes);
}

base::Result<Page<records::MachineRecord>> Query::machines(size_t limit,
                                                           std::string_view token) const {
  Page<records::MachineRecord> page;
  auto scanned =
      store::scan_checked(store_, Family::kMachine, token, "", false,
                          [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                            if (page.rows.size() == limit) {
                              page.next_token = key;
                              return false;
                            }
                            auto record = records::decode_machine(value);
                            if (!record) return std::unexpected(record.error());
                            page.rows.push_back(std::move(*record));
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
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

base::Result<std::optional<ExecutionKey>> Query::own_execution(
    const history::StatesArn& parts) const {
  if (parts.kind != "execution") return std::nullopt;
  if (!parts.label.empty()) {
    const auto key = child_names_.parse(parts.name);
    if (!key) return std::nullopt;
    auto run = map_run(key->run);
    if (!run && run.error().code != ErrorCode::kResourceNotFound) {
      return std::unexpected(run.error());
    }
    const bool own =
        run && !run->imported && run->machine_name == parts.machine && run->label == parts.label;
    return own ? key : std::nullopt;
  }
  auto bytes = store_.get(Family::kName, records::name_key(parts.machine, parts.name));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return records::parse_execution_key(**bytes);
}

base::Result<std::optional<std::string>> Query::imported(std::string_view arn) const {
  return store_.get(Family::kName, records::imported_arn_key(arn));
}

base::Result<ExecutionKey> Query::find_execution(std::string_view arn) const {
  auto parts = history::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  const bool express = parts->kind == "express";
  const auto bad_kind = [&] {
    return fail(
        ErrorCode::kInvalidArn,
        fmt::format("Invalid Arn: 'Resource type not valid in this context: {}'", parts->kind));
  };
  if (parts->kind != "execution" && !express) return bad_kind();
  auto own = own_execution(*parts);
  if (!own) return std::unexpected(own.error());
  if (*own) return **own;
  auto bytes = imported(arn);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes) return records::parse_execution_key(**bytes);
  if (express) return bad_kind();
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
    return view;
  }
  if (events->empty()) return no_execution(arn);
  auto run = map_run(key->run);
  if (!run) return std::unexpected(run.error());
  apply_events(*events, view);
  view.arn = child_arn(*run, key->index);
  view.name =
      run->imported ? std::string(history::execution_name_of(view.arn)) : child_names_.name(*key);
  view.machine_arn = labelled_machine_arn(*run);
  view.map_run_arn = run->arn;
  return view;
}

base::Result<Page<ExecutionItem>> Query::executions(std::string_view machine_arn,
                                                    std::optional<ExecutionStatus> status,
                                                    size_t limit, std::string_view token) const {
  std::string machine;
  if (!machine_arn.empty()) {
    auto parts = history::parse_states_arn(machine_arn);
    if (!parts) return std::unexpected(parts.error());
    machine = std::move(parts->machine);
  }
  // The token is the sequence number of the execution before which (in time) the page starts.
  std::string to = records::execution_key({1, 0});
  if (!token.empty()) {
    const auto before = parse_number(token, 16);
    if (!before) return bad_token();
    to = records::execution_key({0, *before});
  }
  Page<ExecutionItem> page;
  auto scanned =
      store::scan_checked(store_, Family::kExecution, records::execution_key({0, 0}), to, true,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            auto record = records::decode_execution(value);
                            if (!record) return std::unexpected(record.error());
                            const bool listed = machine.empty() || record->machine_name == machine;
                            if (!listed || (status && record->status != *status)) return true;
                            if (page.rows.size() == limit) {
                              page.next_token = fmt::format("{:x}", page.rows.back().key.index);
                              return false;
                            }
                            page.rows.push_back({.key = record->key,
                                                 .arn = std::move(record->arn),
                                                 .name = std::move(record->name),
                                                 .machine_arn = std::move(record->machine_arn),
                                                 .status = record->status,
                                                 .start_ms = record->start_ms,
                                                 .stop_ms = record->stop_ms});
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

base::Result<Page<ExecutionItem>> Query::children(std::string_view map_run_arn,
                                                  std::optional<ExecutionStatus> status,
                                                  size_t limit, std::string_view token) const {
  auto run = map_run(map_run_arn);
  if (!run) return std::unexpected(run.error());
  auto start = parse_row_position(token);
  if (!start) return std::unexpected(start.error());
  const std::string machine = labelled_machine_arn(*run);
  Page<ExecutionItem> page;
  const std::string to = start->chunk == UINT64_MAX
                             ? records::map_run_key(run->number + 1)
                             : records::row_key(run->number, start->chunk + 1);
  auto visit = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    auto rows = history::decode_rows(value);
    if (!rows) return std::unexpected(rows.error());
    const auto place = records::parse_row_key(key);
    if (!place) return std::unexpected(place.error());
    const uint64_t chunk = place->chunk;
    size_t count = rows->size();
    if (chunk == start->chunk) count = std::min<size_t>(count, start->count);
    for (; count > 0; --count) {
      const history::ChildRow& row = (*rows)[count - 1];
      if (status && row.status != *status) continue;
      if (page.rows.size() == limit) {
        page.next_token = fmt::format("{:x}.{:x}", chunk, count);
        return false;
      }
      const ExecutionKey child{run->number, row.index};
      std::string arn = child_arn(*run, row.index);
      std::string name(history::execution_name_of(arn));
      page.rows.push_back({.key = child,
                           .arn = std::move(arn),
                           .name = std::move(name),
                           .machine_arn = machine,
                           .map_run_arn = run->arn,
                           .status = row.status,
                           .start_ms = row.start_ms,
                           .stop_ms = row.start_ms + row.duration_us / 1000,
                           .item_count = row.items});
    }
    return true;
  };
  auto scanned =
      store::scan_checked(store_, Family::kRow, records::map_run_key(run->number), to, true, visit);
  if (!scanned) return std::unexpected(scanned.error());
  return page;
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

base::Result<std::vector<records::MapRunRecord>> Query::map_runs(ExecutionKey parent) const {
  const std::string from = records::execution_key(parent);
  std::vector<uint64_t> numbers;
  auto scanned =
      store::scan_checked(store_, Family::kExecutionMapRun, from, records::end_of_detail(parent),
                          false, [&](std::string_view key, std::string_view) -> base::Result<bool> {
                            const auto place = records::parse_detail_place(key);
                            if (!place) return std::unexpected(place.error());
                            numbers.push_back(place->sequence);
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  std::vector<records::MapRunRecord> runs;
  for (uint64_t number : numbers) {
    auto run = map_run(number);
    if (!run) return std::unexpected(run.error());
    runs.push_back(std::move(*run));
  }
  return runs;
}

base::Result<std::vector<uint64_t>> Query::map_runs_of_children(uint64_t map_run,
                                                                size_t limit) const {
  std::vector<uint64_t> numbers;
  auto scanned =
      store::scan_checked(store_, Family::kExecutionMapRun, records::execution_key({map_run, 0}),
                          records::execution_key({map_run + 1, 0}), false,
                          [&](std::string_view key, std::string_view) -> base::Result<bool> {
                            if (numbers.size() == limit) return false;
                            const auto place = records::parse_detail_place(key);
                            if (!place) return std::unexpected(place.error());
                            numbers.push_back(place->sequence);
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return numbers;
}

base::Result<records::MapRunRecord> Query::map_run(std::string_view arn) const {
  auto parts = history::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "mapRun") {
    return fail(
        ErrorCode::kInvalidArn,
        fmt::format("Invalid Arn: 'Resource type not valid in this context: {}'", parts->kind));
  }
  auto number = child_names_.parse_map_run(parts->name);
  auto bytes = imported(arn);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes) {
    auto parsed = records::parse_map_run_key(**bytes);
    if (!parsed) return std::unexpected(parsed.error());
    number = *parsed;
  }
  if (!number) return no_map_run(arn);
  auto run = map_run(*number);
  if (!run && run.error().code == ErrorCode::kResourceNotFound) return no_map_run(arn);
  if (run && (run->machine_name != parts->machine || run->label != parts->label)) {
    return no_map_run(arn);
  }
  return run;
}

base::Result<records::MapRunRecord> Query::map_run(uint64_t number) const {
  auto bytes = store_.get(Family::kMapRun, records::map_run_key(number));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return no_map_run(fmt::format("Map Run {}", number));
  return records::decode_map_run(**bytes);
}

base::Result<void> Query::rows(uint64_t map_run,
                               const std::function<bool(const history::ChildRow&)>& visit) const {
  return store::scan_checked(store_, Family::kRow, records::map_run_key(map_run),
                             records::map_run_key(map_run + 1), false,
                             [&](std::string_view, std::string_view value) -> base::Result<bool> {
                               auto rows = history::decode_rows(value);
                               if (!rows) return std::unexpected(rows.error());
                               return std::ranges::all_of(*rows, visit);
                             });
}

base::Result<void> Query::row_chunks(
    uint64_t map_run, uint64_t first,
    const std::function<bool(uint64_t, std::span<const history::ChildRow>)>& visit) const {
  return store::scan_checked(
      store_, Family::kRow, records::row_key(map_run, first), records::map_run_key(map_run + 1),
      false, [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_row_key(key);
        if (!place) return std::unexpected(place.error());
        auto rows = history::decode_rows(value);
        if (!rows) return std::unexpected(rows.error());
        return visit(place->chunk, *rows);
      });
}

base::Result<void> Query::child_inputs(
    uint64_t map_run, const std::function<bool(uint64_t, std::string_view)>& visit) const {
  return store::scan_checked(
      store_, Family::kSlice, records::map_run_key(map_run), records::map_run_key(map_run + 1),
      false, [&](std::string_view, std::string_view value) -> base::Result<bool> {
        auto slice = maprun::decode_slice(value);
        if (!slice) return std::unexpected(slice.error());
        uint64_t index = slice->first_index;
        return std::ranges::all_of(slice->children, [&](const maprun::ChildInput& child) {
          return visit(index++, child.input.view());
        });
      });
}

base::Result<void> Query::turns(
    uint64_t run, const std::function<bool(ExecutionKey, const history::Turn&)>& visit) const {
  return store::scan_checked(
      store_, Family::kTurn, records::execution_key({run, 0}), records::execution_key({run + 1, 0}),
      false, [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_turn_key(key);
        if (!place) return std::unexpected(place.error());
        auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        return visit(place->key, *turn);
      });
}

base::Result<std::optional<trace::DetailChoice>> Query::detail(uint64_t map_run) const {
  auto run = this->map_run(map_run);
  if (!run) return std::unexpected(run.error());
  if (run->detail_budget == 0 && run->detail_bytes == 0) return std::nullopt;
  auto facts = store_.get(Family::kDetail, records::detail_facts_key(map_run));
  if (!facts) return std::unexpected(facts.error());
  auto children = store_.get(Family::kDetail, records::detail_children_key(map_run));
  if (!children) return std::unexpected(children.error());
  trace::DetailChoice choice;
  if (*facts) {
    auto stored = records::decode_detail(**facts, children->value_or(""));
    if (!stored || run->status != records::MapRunStatus::kRunning) return stored;
    choice = std::move(*stored);
  }
  const auto replayed = records::replay_choice(store_, *run, nullptr);
  if (!replayed) return std::unexpected(replayed.error());
  const uint64_t late_spans = choice.late_spans;
  choice = records::choice_of(replayed->sampler);
  choice.late_spans = late_spans;
  choice.byte_budget = run->detail_bytes;
  return choice;
}

std::string Query::child_arn(const records::MapRunRecord& run, uint64_t index) const {
  if (run.imported) {
    auto arn = store_.get(Family::kName, records::imported_child_key({run.number, index}));
    return arn && *arn ? std::move(**arn) : std::string();
  }
  return history::sibling_arn(
      run.arn, "execution",
      fmt::format("{}:{}", labelled_machine(run), child_names_.name({run.number, index})));
}

}  // namespace weft::reading
