#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "columns/columns.h"
#include "reading/query.h"

namespace weft::reading {

// The columns of the Map Runs looked at last, so that a page of several questions reads the rows
// once. Columns of a running Map Run are brought up to date by reading the new rows only.
// Thread-safe; blocking.
class RunColumns {
 public:
  // `bytes_max` bounds what is kept beside the run asked for.
  explicit RunColumns(size_t bytes_max = size_t{512} << 20) : bytes_max_(bytes_max) {}

  // The finished children of `run` as of now. `keys`: with the items' keys, which costs a read of
  // all inputs the first time.
  base::Result<std::shared_ptr<const columns::Columns>> get(const Query& query,
                                                            const records::MapRunRecord& run,
                                                            bool keys);

 private:
  struct Entry {
    std::mutex mutex;  // of the reading; held while the columns grow
    uint64_t run = 0;
    uint64_t next_chunk = 0;
    uint64_t revision = 0;  // of the record when they were read
    std::shared_ptr<columns::Columns> columns = std::make_shared<columns::Columns>();
  };
  std::shared_ptr<Entry> entry(uint64_t run);
  void drop_oldest();

  const size_t bytes_max_;
  std::mutex mutex_;
  std::list<std::shared_ptr<Entry>> entries_;  // most recent first
};

// The item key in a child's input: the text of its first member "Key" (items listed from a bucket
// have one); "" without one.
std::string_view item_key(std::string_view input);

}  // namespace weft::reading
