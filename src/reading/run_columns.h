#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/attribute_counts.h"
#include "columns/columns.h"
#include "columns/summary.h"
#include "reading/cores.h"
#include "reading/properties.h"
#include "reading/query.h"
#include "sync/mutex.h"

namespace weft::reading {

// The columns of the Map Runs looked at last, so that a page of several questions reads the rows
// once. Columns of a running Map Run are brought up to date by reading the new rows only.
// Thread-safe; blocking.
class RunColumns {
 public:
  // `bytes_max` bounds what is kept beside the run asked for.
  explicit RunColumns(size_t bytes_max = size_t{512} << 20) : bytes_max_(bytes_max) {}

  // The finished children of `run` as of now, with what is wanted beside their rows, which costs a
  // read of all inputs (turns, spans) the first time; of a run that goes on with it as of a moment
  // ago.
  base::Result<std::shared_ptr<const columns::Columns>> get(const Query& query,
                                                            const records::MapRunRecord& run,
                                                            const WantedColumns& wanted);

  // Of all rows of `columns`, which get() gave for the run: found once, however many questions
  // want it.
  struct Whole {
    columns::Summary summary;
    columns::TimeSplit time;
  };
  using Kept = std::shared_ptr<const columns::Columns>;
  std::shared_ptr<const Whole> whole(uint64_t run, const Kept& columns);
  std::shared_ptr<const columns::AttributeCounts> attributes(uint64_t run, const Kept& columns);

  // For questions about columns of any of them.
  columns::Together* together() { return &cores_; }

  // What the inputs of its children are like, looked at once; of a Map Run that has read few inputs
  // yet again.
  base::Result<InputShape> shape(const Query& query, const records::MapRunRecord& run);

 private:
  // What was found of all rows of some columns. One finds it, the others wait for that.
  template <typename T>
  class Found {
   public:
    template <typename Find>
    std::shared_ptr<const T> of(const Kept& columns, const Find& find) WEFT_EXCLUDES(mutex_) {
      const sync::MutexLock lock(mutex_);
      // Columns that nobody else has may grow in their place.
      if (!found_ || of_.lock() != columns || rows_ != columns->size()) {
        found_ = std::make_shared<const T>(find());
        of_ = columns;
        rows_ = columns->size();
      }
      return found_;
    }

   private:
    sync::Mutex mutex_;
    std::weak_ptr<const columns::Columns> of_ WEFT_GUARDED_BY(mutex_);
    size_t rows_ WEFT_GUARDED_BY(mutex_) = 0;
    std::shared_ptr<const T> found_ WEFT_GUARDED_BY(mutex_);
  };
  struct Entry {
    Found<Whole> whole;
    Found<columns::AttributeCounts> attributes;
    sync::Mutex reading;  // of inputs, turns and spans; taken before `mutex`
    sync::Mutex mutex;    // held while the columns grow
    uint64_t run = 0;
    uint64_t next_chunk WEFT_GUARDED_BY(mutex) = 0;
    // Of the record when they were read.
    uint64_t revision WEFT_GUARDED_BY(mutex) = 0;
    std::optional<InputShape> shape WEFT_GUARDED_BY(mutex);
    std::shared_ptr<columns::Columns> columns WEFT_GUARDED_BY(mutex) =
        std::make_shared<columns::Columns>();
    // Of a run that goes on: the columns of which inputs were read last, when, and how long it
    // took.
    std::shared_ptr<const columns::Columns> last_read WEFT_GUARDED_BY(mutex);
    std::chrono::steady_clock::time_point read_at WEFT_GUARDED_BY(mutex);
    std::chrono::steady_clock::duration read_took WEFT_GUARDED_BY(mutex){};
    // The columns to write to: whoever still reads them keeps the old ones.
    columns::Columns& fresh() WEFT_REQUIRES(mutex);
  };
  std::shared_ptr<Entry> entry(uint64_t run);
  static base::Result<void> learn(const Query& query, const records::MapRunRecord& run, Entry& kept)
      WEFT_REQUIRES(kept.mutex);
  static base::Result<void> read_rows(const Query& query, const records::MapRunRecord& run,
                                      Entry& kept) WEFT_REQUIRES(kept.mutex);
  // `columns` with what is wanted beside their rows, or where it was read of a run that goes on a
  // moment ago, those of then.
  static base::Result<std::shared_ptr<const columns::Columns>> with_wanted(
      const Query& query, const records::MapRunRecord& run, Entry& kept,
      std::shared_ptr<const columns::Columns> columns, const WantedColumns& wanted,
      const InputShape& shape);
  static void forget_old(const records::MapRunRecord& run, Entry& kept) WEFT_REQUIRES(kept.mutex);
  void drop_oldest();

  Cores cores_;
  const size_t bytes_max_;
  sync::Mutex mutex_;
  std::list<std::shared_ptr<Entry>> entries_ WEFT_GUARDED_BY(mutex_);  // most recent first
};

}  // namespace weft::reading
