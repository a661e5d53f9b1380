#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <thread>

#include "reading/column_files.h"
#include "sync/mutex.h"

namespace weft::reading {

// Makes the files of columns (ColumnFiles) of Map Runs that have ended, one after the other on a
// thread of its own that gives way to what runs. What goes wrong is passed over: without a file its
// run is read out of the store. Thread-safe.
class ColumnWriter {
 public:
  // Begins with the runs that are there already and have none, newest first. `query` outlives this.
  explicit ColumnWriter(const Query& query);
  // Gives up what it is at.
  ~ColumnWriter();
  ColumnWriter(const ColumnWriter&) = delete;
  ColumnWriter& operator=(const ColumnWriter&) = delete;

  // This Map Run has ended: it is the next one. Returns at once.
  void ended(uint64_t run);
  // Returns when all that ended so far is done with.
  void wait();
  // The same until `time`: false when that came first.
  bool wait_until(std::chrono::steady_clock::time_point time);

 private:
  void work();
  void add_known();
  std::optional<uint64_t> next();

  const Query& query_;
  std::atomic<bool> stopping_ = false;
  sync::Mutex mutex_;
  sync::CondVar changed_;
  std::deque<uint64_t> runs_ WEFT_GUARDED_BY(mutex_);
  bool idle_ WEFT_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace weft::reading
