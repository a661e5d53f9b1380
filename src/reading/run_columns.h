#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
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
  // read of all inputs (turns, spans) the first time.
  base::Result<std::shared_ptr<const columns::Columns>> get(const Query& query,
                                                            const records::MapRunRecord& run,
                                                            const WantedColumns& wanted);

  // What the inputs of its children are like, looked at once; of a Map Run that has read few inputs
  // yet again.
  base::Result<InputShape> shape(const Query& query, const records::MapRunRecord& run);

 private:
  struct Entry {
    sync::Mutex mutex;  // of the reading; held while the columns grow
    uint64_t run = 0;
    uint64_t next_chunk WEFT_GUARDED_BY(mutex) = 0;
    // Of the record when they were read.
    uint64_t revision WEFT_GUARDED_BY(mutex) = 0;
    std::optional<InputShape> shape WEFT_GUARDED_BY(mutex);
    std::shared_ptr<columns::Columns> columns WEFT_GUARDED_BY(mutex) =
        std::make_shared<columns::Columns>();
    // The columns to write to: whoever still reads them keeps the old ones.
    columns::Columns& fresh() WEFT_REQUIRES(mutex);
  };
  std::shared_ptr<Entry> entry(uint64_t run);
  static base::Result<void> learn(const Query& query, const records::MapRunRecord& run, Entry& kept)
      WEFT_REQUIRES(kept.mutex);
  static void forget_old(const records::MapRunRecord& run, Entry& kept) WEFT_REQUIRES(kept.mutex);
  void drop_oldest();

  const size_t bytes_max_;
  sync::Mutex mutex_;
  std::list<std::shared_ptr<Entry>> entries_ WEFT_GUARDED_BY(mutex_);  // most recent first
};

}  // namespace weft::reading
