#include "running/committer.h"

#include <cstdio>
#include <cstdlib>
#include <map>

#include "base/check.h"
#include "base/limits.h"
#include "history/codec.h"
#include "records/records.h"
#include "sync/mutex.h"

namespace weft::running {
namespace {

constexpr int kExitStorageFailure = 70;

}  // namespace

void stop_process(const base::Error& error) {
  std::fprintf(stderr, "weft: %s\n", error.message.c_str());
  std::fflush(stderr);
  std::_Exit(kExitStorageFailure);
}

store::Batch merge_commits(std::vector<TurnCommit>& commits, uint64_t chunk,
                           std::vector<Effect>& effects) {
  store::Batch batch;
  std::map<uint64_t, std::string> rows;
  for (TurnCommit& commit : commits) {
    batch.append(std::move(commit.batch));
    for (StoredDetail& spans : commit.spans) {
      batch.put(spans.family, records::detail_place_key(spans.key, spans.sequence),
                std::move(spans.bytes));
    }
    // R1: rows are of children, and lie with their Map Run; top-level executions have run 0.
    WEFT_CHECK(!commit.row || commit.row_run != 0);
    if (commit.row) history::encode_row(*commit.row, rows[commit.row_run]);
    for (Effect& effect : commit.effects) effects.push_back(std::move(effect));
  }
  for (auto& [run, bytes] : rows)
    batch.put(store::Family::kRow, records::row_key(run, chunk), std::move(bytes));
  return batch;
}

size_t TurnCommit::bytes() const {
  size_t sum = batch.bytes();
  for (const StoredDetail& one : spans) sum += one.bytes.size();
  return sum;
}

Committer::Committer(store::Store& store, EffectSink& effects, uint64_t first_chunk,
                     DetailKeeper* detail, bool reads_on)
    : store_(store),
      effects_(effects),
      detail_(detail),
      reads_on_(reads_on),
      next_chunk_(first_chunk),
      thread_([this] { loop(); }) {}

Committer::~Committer() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  thread_.join();
}

bool Committer::gave_up() {
  const auto damage = reads_on_ ? store_.damage() : std::nullopt;
  if (!damage) return false;
  if (!told_) {
    std::fprintf(stderr, "weft: nothing is written any more: %s\n", damage->c_str());
    std::fflush(stderr);
  }
  return told_ = true;
}

void Committer::mute() { muted_ = true; }

void Committer::submit(TurnCommit commit) {
  const sync::MutexLock lock(mutex_);
  while (queue_.size() >= base::kCommitQueueTurnsMax ||
         queued_bytes_ >= base::kCommitQueueBytesMax) {
    drained_.wait(mutex_);
  }
  queued_bytes_ += commit.bytes();
  queue_.push_back(std::move(commit));
  if (queue_.size() == 1) filled_.notify_one();
}

bool Committer::submit_until(TurnCommit& commit, std::chrono::steady_clock::time_point until) {
  const sync::MutexLock lock(mutex_);
  while (!half_free() && drained_.wait_until(mutex_, until)) {
  }
  if (!half_free()) return false;
  queued_bytes_ += commit.bytes();
  queue_.push_back(std::move(commit));
  if (queue_.size() == 1) filled_.notify_one();
  return true;
}

void Committer::loop() {
  std::vector<TurnCommit> taken;
  std::vector<Effect> effects;
  while (true) {
    {
      const sync::MutexLock lock(mutex_);
      while (!stopping_ && queue_.empty()) filled_.wait(mutex_);
      if (queue_.empty()) return;
      // R2: the queue has a bound, and so does a group: what submit() let in, and one turn.
      WEFT_CHECK(queue_.size() <= base::kCommitQueueTurnsMax);
      taken.swap(queue_);
      queued_bytes_ = 0;
    }
    drained_.notify_all();
    effects.clear();
    if (gave_up()) {
      taken.clear();
      continue;
    }
    store::Batch choice;
    if (detail_ != nullptr) choice = detail_->choose(taken);
    store::Batch batch = merge_commits(taken, next_chunk_++, effects);
    batch.append(std::move(choice));
    if (!batch.empty()) {
      if (auto written = store_.commit(std::move(batch)); !written) {
        if (!gave_up()) stop_process(written.error());
        effects.clear();
      }
    }
    // R3: effects leave after the batch of their turns is durable, in its order, and each once.
    // What could not be written ended the process above.
    if (!muted_) {
      for (Effect& effect : effects) effects_.perform(std::move(effect));
    }
    taken.clear();
  }
}

}  // namespace weft::running
