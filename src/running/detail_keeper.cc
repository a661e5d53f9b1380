#include "running/detail_keeper.h"

#include <algorithm>

#include "base/check.h"
#include "history/codec.h"
#include "records/kept_detail.h"
#include "records/records.h"
#include "sync/mutex.h"

namespace weft::running {
namespace {

using store::Family;
using trace::DetailChoice;

constexpr size_t kEndedKept = 8;  // Map Runs whose choice stays in memory

void note_finished(std::vector<bool>& finished, uint64_t index) {
  if (finished.size() <= index) finished.resize(std::max(index + 1, 2 * finished.size()));
  finished[index] = true;
}

// When the choice is made nobody gives way any more: what does not fit is left out.
bool has_room(const DetailChoice& ended, const StoredDetail& spans) {
  return ended.byte_budget == 0 || ended.bytes + spans.bytes.size() <= ended.byte_budget;
}

void put_choice(uint64_t run, const DetailChoice& choice, store::Batch& batch) {
  batch.put(Family::kDetail, records::detail_facts_key(run), records::encode_detail_facts(choice));
  if (choice.complete()) return;
  batch.put(Family::kDetail, records::detail_children_key(run),
            records::encode_detail_children(choice));
}

}  // namespace

store::Batch DetailKeeper::choose(std::vector<TurnCommit>& commits) {
  const sync::MutexLock lock(mutex_);
  store::Batch batch;
  new_pins_.clear();
  for (TurnCommit& commit : commits) {
    if (commit.reopened_run != 0) ended_.erase(commit.reopened_run);
    if (!commit.spans.empty()) take_spans(commit.spans, batch);
    if (commit.row) take_row(commit.row_run, *commit.row, batch);
    // They had kept their detail of before while others took their places.
    for (const history::ChildRow& row : commit.rows_back) take_row(commit.ended_run, row, batch);
    if (commit.ended_run != 0) end_run(commit.ended_run, batch);
  }
  for (auto& [number, run] : runs_) {
    if (run) hold_bytes(number, *run, batch);
  }
  return batch;
}

std::optional<DetailChoice> DetailKeeper::choice(uint64_t run) const {
  const sync::MutexLock lock(mutex_);
  const auto found = runs_.find(run);
  if (found == runs_.end() || !found->second) return std::nullopt;
  DetailChoice choice = records::choice_of(found->second->sampler);
  choice.late_spans = found->second->late_spans;
  choice.byte_budget = found->second->byte_budget;
  return choice;
}

std::vector<columns::Sampler::Certain> DetailKeeper::certain(uint64_t run, size_t from) const {
  const sync::MutexLock lock(mutex_);
  const auto found = runs_.find(run);
  if (found == runs_.end() || !found->second || found->second->byte_budget > 0) return {};
  const auto& all = found->second->sampler.certain();
  if (from >= all.size()) return {};
  return {all.begin() + static_cast<ptrdiff_t>(from), all.end()};
}

DetailKeeper::Run* DetailKeeper::open_run(uint64_t number) {
  auto found = runs_.find(number);
  if (found == runs_.end()) found = runs_.emplace(number, read_run(number)).first;
  return found->second ? &*found->second : nullptr;
}

// As of what is stored: of a Map Run that just began, nothing.
std::optional<DetailKeeper::Run> DetailKeeper::read_run(uint64_t number) {
  const auto bytes = store_.get(Family::kMapRun, records::map_run_key(number));
  if (!bytes || !*bytes) return std::nullopt;
  const auto record = records::decode_map_run(**bytes);
  if (!record || record->imported) return std::nullopt;
  if (record->detail_budget == 0 && record->detail_bytes == 0) return std::nullopt;
  std::vector<bool> finished;
  auto replayed = records::replay_choice(
      store_, *record, [&](const history::ChildRow& row) { note_finished(finished, row.index); });
  if (!replayed) return std::nullopt;
  std::optional<Run> run(std::in_place, std::move(replayed->sampler), record->detail_bytes);
  run->finished = std::move(finished);
  run->drops = replayed->drops;
  run->pins = replayed->pins;
  run->pinnable = record->trace.priority < 2;
  for (const Family family : {Family::kSpan, Family::kLog}) {
    const auto read = store::scan_checked(
        store_, family, records::execution_key({number, 0}),
        records::execution_key({number + 1, 0}), false,
        [&](std::string_view key, std::string_view value) -> base::Result<bool> {
          const auto at = records::parse_detail_place(key);
          if (!at) return std::unexpected(at.error());
          take_stored(*run, at->key.index, {family, at->key.nested, at->sequence}, value.size());
          return true;
        });
    if (!read) return std::nullopt;
  }
  const auto facts = store_.get(Family::kDetail, records::detail_facts_key(number));
  if (facts && *facts) {
    if (const auto choice = records::decode_detail(**facts, "")) {
      run->late_spans = choice->late_spans;
    }
  }
  return run;
}

void DetailKeeper::take_stored(Run& run, uint64_t index, Place place, uint64_t bytes) {
  Stored& of_child = run.spans[index];
  of_child.places.push_back(place);
  of_child.bytes += bytes;
  if (run.has_finished(index)) run.bytes += bytes;
}

void DetailKeeper::take_row(uint64_t number, const history::ChildRow& row, store::Batch& batch) {
  Run* run = open_run(number);
  if (run == nullptr) return;
  note_finished(run->finished, row.index);
  if (const auto own = run->spans.find(row.index); own != run->spans.end()) {
    run->bytes += own->second.bytes;
  }
  run->drops = 0;
  run->sampler.add(row, row.path, gone_);
  forget(number, *run, batch);
}

// Deletes the spans of `gone_`, children that have finished.
void DetailKeeper::forget(uint64_t number, Run& run, store::Batch& batch) {
  for (const uint64_t index : std::exchange(gone_, {})) {
    const auto found = run.spans.find(index);
    if (found == run.spans.end()) continue;
    for (const Place& place : found->second.places) {
      batch.remove(place.family,
                   records::detail_place_key({number, index, place.nested}, place.sequence));
    }
    // R16: the bytes of a run are those of its finished children; only they are given up.
    WEFT_CHECK(run.has_finished(index) && run.bytes >= found->second.bytes);
    run.bytes -= found->second.bytes;
    run.spans.erase(found);
  }
}

// What children are given up for their bytes does not follow from the rows: it is stored.
void DetailKeeper::hold_bytes(uint64_t number, Run& run, store::Batch& batch) {
  if (run.byte_budget == 0 || run.bytes <= run.byte_budget) return;
  const uint64_t rows = run.sampler.count();
  while (run.bytes > run.byte_budget && run.sampler.size() > 0) {
    run.sampler.drop_one(gone_);
    ++run.drops;
    forget(number, run, batch);
  }
  std::string value;
  store::append_u64(value, run.drops);
  batch.put(Family::kDetail, records::detail_drops_key(number, rows), std::move(value));
}

void DetailKeeper::take_spans(std::vector<StoredDetail>& spans, store::Batch& batch) {
  std::erase_if(spans, [&](const StoredDetail& one) {
    mutex_.assert_held();  // runs within this call
    return too_late(one, batch);
  });
}

bool DetailKeeper::too_late(const StoredDetail& spans, store::Batch& batch) {
  const auto [number, index] = static_cast<const history::ExecutionKey&>(spans.key);
  if (number == 0) return false;  // of a top-level execution
  if (DetailChoice* ended = ended_run(number)) {
    if (ended->dropped(index) || !has_room(*ended, spans)) {
      if (!note_late(spans, ended->late_spans)) return true;
      batch.put(Family::kDetail, records::detail_facts_key(number),
                records::encode_detail_facts(*ended));
      return true;
    }
    if (ended->byte_budget > 0) {
      ended->bytes += spans.bytes.size();
      batch.put(Family::kDetail, records::detail_facts_key(number),
                records::encode_detail_facts(*ended));
    }
    return false;
  }
  Run* run = open_run(number);
  if (run == nullptr) return false;
  const bool finished = run->has_finished(index);
  if (spans.pin && run->pinnable) pin(number, *run, index, batch);
  if (finished && !run->sampler.keeps(index)) {
    if (!note_late(spans, run->late_spans)) return true;
    batch.put(Family::kDetail, records::detail_facts_key(number),
              records::encode_detail_facts({.late_spans = run->late_spans}));
    return true;
  }
  take_stored(*run, index, {spans.family, spans.key.nested, spans.sequence}, spans.bytes.size());
  return false;
}

// Which children somebody asked for does not follow from the rows either.
void DetailKeeper::pin(uint64_t number, Run& run, uint64_t index, store::Batch& batch) {
  if (!run.sampler.pin(index, run.has_finished(index), gone_)) return;
  std::string value;
  store::append_u64(value, index);
  store::append_u64(value, run.drops);
  std::string key = records::detail_pin_key(number, run.sampler.count(), run.pins++);
  new_pins_.emplace(number, key);
  batch.put(Family::kDetail, std::move(key), std::move(value));
  forget(number, run, batch);
}

// Only spans are counted by Map Run: whether `of_run` has grown.
bool DetailKeeper::note_late(const StoredDetail& spans, uint64_t& of_run) {
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
  if (Run* run = open_run(number)) {
    hold_bytes(number, *run, batch);
    choice = records::choice_of(run->sampler);
    choice.late_spans = run->late_spans;
    choice.byte_budget = run->byte_budget;
    choice.bytes = run->byte_budget > 0 ? run->bytes : 0;
    remove_decisions(number, *run, batch);
    // R17: the choice that is stored holds the run to its budget.
    WEFT_CHECK(run->byte_budget == 0 || run->bytes <= run->byte_budget || run->sampler.size() == 0);
    put_choice(number, choice, batch);
  }
  runs_.erase(number);
  remember(number, std::move(choice));
}

// Those of this batch are not stored yet. What cannot be read stays, and is never asked for.
void DetailKeeper::remove_decisions(uint64_t number, const Run& run, store::Batch& batch) {
  const uint64_t rows = run.sampler.count();
  if (run.drops > 0) batch.remove(Family::kDetail, records::detail_drops_key(number, rows));
  const auto [first, last] = new_pins_.equal_range(number);
  for (auto pin = first; pin != last; ++pin) batch.remove(Family::kDetail, pin->second);
  auto keys = records::detail_decision_keys(store_, number);
  if (!keys) return;
  for (std::string& key : *keys) batch.remove(Family::kDetail, std::move(key));
}

// Null when it goes on.
DetailChoice* DetailKeeper::ended_run(uint64_t number) {
  if (runs_.contains(number)) return nullptr;
  if (const auto found = ended_.find(number); found != ended_.end()) return &found->second;
  const auto bytes = store_.get(Family::kMapRun, records::map_run_key(number));
  if (!bytes || !*bytes) return nullptr;
  const auto record = records::decode_map_run(**bytes);
  if (!record || record->status == records::MapRunStatus::kRunning) return nullptr;
  DetailChoice choice;
  const auto facts = store_.get(Family::kDetail, records::detail_facts_key(number));
  const auto children = store_.get(Family::kDetail, records::detail_children_key(number));
  if (facts && *facts && children) {
    if (auto stored = records::decode_detail(**facts, children->value_or("")))
      choice = std::move(*stored);
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

}  // namespace weft::running
