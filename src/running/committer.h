#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/limits.h"
#include "running/detail_keeper.h"
#include "running/ports.h"
#include "store/store.h"
#include "sync/mutex.h"

namespace weft::running {

// Ends the process (exit code 70) after one sentence: the store failed, or what lies in it cannot
// be.
[[noreturn]] void stop_process(const base::Error& error);

// Merges turns into one batch: writes in order, spans under their keys, and the rows of each Map
// Run as one chunk under `chunk`, a number that grows with every batch. Moves the effects to
// `effects`, in order.
store::Batch merge_commits(std::vector<TurnCommit>& commits, uint64_t chunk,
                           std::vector<Effect>& effects);

// Group commit without a timer: one thread takes every turn that queued while the previous write
// was synced, writes them as one batch, then releases their effects in order. A storage error ends
// the process (exit code 70): memory has run ahead of the disk and a failed fsync must not be tried
// again (R3 in docs/internals/invariants.md). With `reads_on` a store that is found damaged does
// not: nothing is written any more, and no effect leaves; what waits for one is told by
// Store::damage().
class Committer : public CommitSink {
 public:
  // `detail` (may be null) sees every group of turns before it is written.
  Committer(store::Store& store, EffectSink& effects, uint64_t first_chunk,
            DetailKeeper* detail = nullptr, bool reads_on = false);
  ~Committer() override;  // writes what is queued, then stops

  // Any thread. Blocks while base::kCommitQueueTurnsMax turns or base::kCommitQueueBytesMax bytes
  // wait.
  void submit(TurnCommit commit) override;
  // The same while half as much waits, but returns false at `until`: for what may be lost.
  bool submit_until(TurnCommit& commit, std::chrono::steady_clock::time_point until);
  // Before the first submit only: where row chunks go on.
  void set_next_chunk(uint64_t chunk) { next_chunk_ = chunk; }
  // No effect leaves after this returns; what is queued is still written.
  void mute();

 private:
  void loop();
  // Whether the store was found damaged; says so once.
  bool gave_up();
  bool half_free() const WEFT_REQUIRES(mutex_) {
    return queue_.size() < base::kCommitQueueTurnsMax / 2 &&
           queued_bytes_ < base::kCommitQueueBytesMax / 2;
  }

  store::Store& store_;
  EffectSink& effects_;
  DetailKeeper* const detail_;
  const bool reads_on_;
  bool told_ = false;  // of damage; the thread's
  uint64_t next_chunk_;
  sync::Mutex mutex_;
  sync::CondVar filled_;
  sync::CondVar drained_;
  std::vector<TurnCommit> queue_ WEFT_GUARDED_BY(mutex_);
  size_t queued_bytes_ WEFT_GUARDED_BY(mutex_) = 0;
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  std::atomic<bool> muted_ = false;
  std::thread thread_;
};

}  // namespace weft::running
