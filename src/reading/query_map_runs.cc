#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "arn/place.h"
#include "history/codec.h"
#include "maprun/slice.h"
#include "reading/map_run_names.h"
#include "reading/query.h"
#include "records/kept_detail.h"

// What Query tells of Map Runs and all their children.

namespace weft::reading {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionKey;
using store::Family;

std::unexpected<base::Error> no_map_run(std::string_view arn) {
  return fail(ErrorCode::kResourceNotFound, fmt::format("Resource not found: '{}'", arn));
}

}  // namespace

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

bool Query::has_lost_a_part_below(uint64_t map_run) const {
  const auto below = map_runs_of_children(map_run, SIZE_MAX);
  if (!below) return true;
  return std::ranges::any_of(*below, [this](uint64_t number) {
    const auto run = this->map_run(number);
    return !run || run->lost || has_lost_a_part_below(number);
  });
}

base::Result<records::MapRunRecord> Query::map_run(std::string_view arn) const {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  if (parts->kind != "mapRun") {
    return kind_not_valid(parts->kind);
  }
  auto number = child_names_.parse_map_run(parts->name);
  auto bytes = imported(arn);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes) {
    auto parsed = records::parse_map_run_key(**bytes);
    if (!parsed) return std::unexpected(parsed.error());
    number = *parsed;
  }
  if (!number || (!*bytes && !arn::is_at(identity_, arn))) return no_map_run(arn);
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

base::Result<std::optional<history::ChildRow>> Query::row_of(uint64_t map_run,
                                                             uint64_t index) const {
  std::optional<history::ChildRow> found;
  auto read = rows(map_run, [&](const history::ChildRow& row) {
    if (row.index == index) found = row;
    return !found;
  });
  if (!read) return std::unexpected(read.error());
  return found;
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

// Of a Map Run that ran elsewhere there are no pages of items, but the events of its children.
base::Result<void> Query::imported_inputs(
    uint64_t map_run, const std::function<bool(uint64_t, std::string_view)>& visit) const {
  return store::scan_checked(
      store_, Family::kTurn, records::execution_key({map_run, 0}),
      records::execution_key({map_run + 1, 0}), false,
      [&](std::string_view key, std::string_view value) -> base::Result<bool> {
        const auto place = records::parse_turn_key(key);
        if (!place) return std::unexpected(place.error());
        if (place->turn != 0) return true;
        const auto turn = history::decode_turn(value);
        if (!turn) return std::unexpected(turn.error());
        const auto start = std::ranges::find(turn->events, history::EventType::kExecutionStarted,
                                             &history::Event::type);
        return start == turn->events.end() || visit(place->key.index, start->text.view());
      });
}

base::Result<void> Query::child_inputs(
    uint64_t map_run, const std::function<bool(uint64_t, std::string_view)>& visit) const {
  auto run = this->map_run(map_run);
  if (run && run->imported) return imported_inputs(map_run, visit);
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

base::Result<std::optional<trace::DetailChoice>> Query::detail(
    uint64_t map_run, std::unique_ptr<records::Replayed>* kept) const {
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
  std::unique_ptr<records::Replayed> fresh;
  std::unique_ptr<records::Replayed>& replayed = kept != nullptr ? *kept : fresh;
  if (!replayed) replayed = std::make_unique<records::Replayed>(*run);
  if (auto read = records::replay_further(store_, *run, nullptr, *replayed); !read) {
    replayed.reset();
    return std::unexpected(read.error());
  }
  const uint64_t late_spans = choice.late_spans;
  choice = records::choice_of(replayed->sampler);
  choice.late_spans = late_spans;
  choice.byte_budget = run->detail_bytes;
  return choice;
}

base::Result<std::optional<std::string>> Query::child_called(std::string_view name) const {
  if (const auto own = child_names_.parse(arn::before_uuid(name))) {
    const auto run = map_run(own->run);
    if (run && !run->imported) {
      std::string arn = child_arn(*run, own->index);
      const std::string_view whole = arn::execution_name_of(arn);
      if (name == whole || name == arn::before_uuid(whole)) return arn;
    }
  }
  std::optional<std::string> found;
  auto scanned = store::scan_checked(
      store_, Family::kMapRun, "", "", false,
      [&](std::string_view, std::string_view value) -> base::Result<bool> {
        const auto run = records::decode_map_run(value);
        if (!run) return std::unexpected(run.error());
        if (!run->imported) return true;
        for (const std::string_view kind : {"execution", "express"}) {
          // Behind the name of an Express child stands a UUID.
          const std::string arn = arn::sibling_arn(
              run->arn, kind, fmt::format("{}:{}", records::labelled_machine(*run), name));
          const std::string from = records::imported_arn_key(arn);
          auto names = store_.scan(Family::kName, from, from + ";", false,
                                   [&](std::string_view key, std::string_view) {
                                     const std::string_view rest = key.substr(from.size());
                                     if (!rest.empty() && rest.front() != ':') return true;
                                     found = arn + std::string(rest);
                                     return false;
                                   });
          if (!names) return std::unexpected(names.error());
          if (found) return false;
        }
        return true;
      });
  if (!scanned) return std::unexpected(scanned.error());
  return found;
}

std::string Query::child_arn(const records::MapRunRecord& run, uint64_t index) const {
  if (run.imported) {
    auto arn = store_.get(Family::kName, records::imported_child_key({run.number, index}));
    return arn && *arn ? std::move(**arn) : std::string();
  }
  return records::child_arn(run, child_names_, index);
}

}  // namespace weft::reading
