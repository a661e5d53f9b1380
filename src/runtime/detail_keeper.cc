#include "runtime/detail_keeper.h"

#include <algorithm>

#include "history/codec.h"
#include "runtime/detail.h"
#include "runtime/records.h"

namespace weft::runtime {
namespace {

using store::Family;
using trace::DetailChoice;

constexpr size_t kEndedKept = 8;  // Map Runs whose choice stays in memory

void note_finished(std::vector<bool>& finished, uint64_t index) {
  if (finished.size() <= index) finished.resize(std::max(index + 1, 2 * finished.size()));
  finished[index] = true;
}

void put_choice(uint64_t run, const DetailChoice& choice, store::Batch& batch) {
  batch.put(Family::kDetail, detail_facts_key(run), encode_detail_facts(choice));
  if (choice.complete()) return;
  batch.put(Family::kDetail, detail_children_key(run), encode_detail_children(choice));
}

}  // namespace

store::Batch DetailKeeper::choose(std::vector<TurnCommit>& commits) {
  const std::lock_guard lock(mutex_);
  store::Batch batch;
  for (TurnCommit& commit : commits) {
    if (!commit.spans.empty()) take_spans(commit.spans, batch);
    if (commit.row) take_row(commit.row_run, *commit.row, batch);
    if (commit.ended_run != 0) end_run(commit.ended_run, batch);
  }
  return batch;
}

std::optional<DetailChoice> DetailKeeper::choice(uint64_t run) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(run);
  if (found == runs_.end() || !found->second) return std::nullopt;
  DetailChoice choice = choice_of(found->second->sampler);
  choice.late_spans = found->second->late_spans;
  return choice;
}

DetailKeeper::Run* DetailKeeper::open_run(uint64_t number) {
  auto found = runs_.find(number);
  if (found == runs_.end()) found = runs_.emplace(number, read_run(number)).first;
  return found->second ? &*found->second : nullptr;
}

// As of what is stored: of a Map Run that just began, nothing.
std::optional<DetailKeeper::Run> DetailKeeper::read_run(uint64_t number) {
  const auto bytes = store_.get(Family::kMapRun, map_run_key(number));
  if (!bytes || !*bytes) return std::nullopt;
  const auto record = decode_map_run(**bytes);
  if (!record || record->imported || record->detail_budget == 0) return std::nullopt;
  std::optional<Run> run(std::in_place, record->detail_budget);
  bool whole = true;
  const auto rows = store_.scan(Family::kRow, row_key(number, 0), row_key(number + 1, 0), false,
                                [&](std::string_view, std::string_view value) {
                                  const auto chunk = history::decode_rows(value);
                                  whole = chunk.has_value();
                                  if (!whole) return false;
                                  for (const history::ChildRow& row : *chunk) {
                                    note_finished(run->finished, row.index);
                                    gone_.clear();  // what went then is gone already
                                    run->sampler.add(row, row.path, gone_);
                                  }
                                  return true;
                                });
  if (!rows || !whole) return std::nullopt;
  for (const Family family : {Family::kSpan, Family::kLog}) {
    const auto spans = store_.scan(
        family, execution_key({number, 0}), execution_key({number + 1, 0}), false,
        [&](std::string_view key, std::string_view) {
          run->spans[store::read_u64(key, 8)].push_back({family, store::read_u64(key, 16)});
          return true;
        });
    if (!spans) return std::nullopt;
  }
  const auto facts = store_.get(Family::kDetail, detail_facts_key(number));
  if (facts && *facts) {
    if (const auto choice = decode_detail(**facts, "")) {
      run->late_spans = choice->late_spans;
    }
  }
  return run;
}

void DetailKeeper::take_row(uint64_t number, const history::ChildRow& row, store::Batch& batch) {
  Run* run = open_run(number);
  if (run == nullptr) return;
  note_finished(run->finished, row.index);
  gone_.clear();
  run->sampler.add(row, row.path, gone_);
  if (run->spans.empty()) return;
  for (const uint64_t index : gone_) {
    const auto found = run->spans.find(index);
    if (found == run->spans.end()) continue;
    for (const Place& place : found->second) {
      batch.remove(place.family, span_key({number, index}, place.sequence));
    }
    run->spans.erase(found);
  }
}

void DetailKeeper::take_spans(std::vector<StoredSpans>& spans, store::Batch& batch) {
  std::erase_if(spans, [&](const StoredSpans& one) { return too_late(one, batch); });
}

bool DetailKeeper::too_late(const StoredSpans& spans, store::Batch& batch) {
  const auto [number, index] = spans.key;
  if (number == 0) return false;  // of a top-level execution
  if (DetailChoice* ended = ended_run(number)) {
    if (!ended->dropped(index)) return false;
    if (!note_late(spans, ended->late_spans)) return true;
    batch.put(Family::kDetail, detail_facts_key(number), encode_detail_facts(*ended));
    return true;
  }
  Run* run = open_run(number);
  if (run == nullptr) return false;
  const bool finished = index < run->finished.size() && run->finished[index];
  if (finished && !run->sampler.keeps(index)) {
    if (!note_late(spans, run->late_spans)) return true;
    batch.put(Family::kDetail, detail_facts_key(number),
              encode_detail_facts({.late_spans = run->late_spans}));
    return true;
  }
  run->spans[index].push_back({spans.family, spans.sequence});
  return false;
}

// Only spans are counted by Map Run: whether `of_run` has grown.
bool DetailKeeper::note_late(const StoredSpans& spans, uint64_t& of_run) {
  if (spans.family == Family::kLog) {
    late_lines_ += spans.count;
    return false;
  }
  late_spans_ += spans.count;
  of_run += spans.count;
  return true;
}

void DetailKeeper::end_run(uint64_t number, store::Batch& batch) {
  DetailChoice choice;
  if (const Run* run = open_run(number)) {
    choice = choice_of(run->sampler);
    choice.late_spans = run->late_spans;
    put_choice(number, choice, batch);
  }
  runs_.erase(number);
  remember(number, std::move(choice));
}

// Null when it goes on.
DetailChoice* DetailKeeper::ended_run(uint64_t number) {
  if (runs_.contains(number)) return nullptr;
  if (const auto found = ended_.find(number); found != ended_.end()) return &found->second;
  const auto bytes = store_.get(Family::kMapRun, map_run_key(number));
  if (!bytes || !*bytes) return nullptr;
  const auto record = decode_map_run(**bytes);
  if (!record || record->status == MapRunStatus::kRunning) return nullptr;
  DetailChoice choice;
  const auto facts = store_.get(Family::kDetail, detail_facts_key(number));
  const auto children = store_.get(Family::kDetail, detail_children_key(number));
  if (facts && *facts && children) {
    if (auto stored = decode_detail(**facts, children->value_or(""))) choice = std::move(*stored);
  }
  remember(number, std::move(choice));
  return &ended_.at(number);
}

void DetailKeeper::remember(uint64_t number, DetailChoice choice) {
  ended_[number] = std::move(choice);
  while (ended_.size() > kEndedKept) {
    ended_.erase(ended_.begin()->first == number ? std::next(ended_.begin()) : ended_.begin());
  }
}

}  // namespace weft::runtime
