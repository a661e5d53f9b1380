#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/columns.h"
#include "reading/query.h"

// The columns of large Map Runs that have ended, each in a file of its own beside the store, so
// that a process that has just been started does not decode millions of rows before it answers.
// Derived data, never the truth: a file that is missing, damaged, of another version or of another
// state of its run is passed over, and what it would have held is read out of the store
// (docs/internals/column-files.md).

namespace weft::reading {

// Smaller runs are read in a moment.
inline constexpr uint64_t kColumnFileChildren = 100'000;

class ColumnFiles {
 public:
  // Those beside the store that `query`, which outlives this, reads; none when it knows no
  // directory for them (Query::derived_directory()).
  explicit ColumnFiles(const Query& query) : query_(query) {}

  // What was stored of the run as it is now: all its rows, the keys of its items, and the members
  // of their inputs that tell children apart. Nothing when there is no such file; one that turns
  // out to be damaged is passed over, and removed by a process that keeps the files.
  std::shared_ptr<columns::Columns> read(const records::MapRunRecord& run) const;
  // Whether read() would look for a file, and the one there says that it is of the run as it is.
  bool wants(const records::MapRunRecord& run) const;
  bool has(const records::MapRunRecord& run) const;
  // Stores `columns` of the run, which has ended. Takes the place of an older file at once and
  // whole. Errors of the disk: kIo.
  base::Result<void> write(const records::MapRunRecord& run, const columns::Columns& columns) const;
  // Reads the children of the run and stores their columns, when it wants a file and has none.
  // `go_on` is asked now and then; kUnavailable when it says no.
  base::Result<void> make(const records::MapRunRecord& run,
                          const std::function<bool()>& go_on) const;
  // The numbers of the runs that want a file and have none, newest first, as far as the store can
  // be read.
  std::vector<uint64_t> missing() const;
  // Makes those. Errors as of make(); what is made stays.
  base::Result<void> make_missing() const;
  // The numbers of the runs for which a file lies in `directory`, whatever is in it.
  static std::vector<uint64_t> numbers_in(const std::string& directory);
  // What lies there.
  struct Inventory {
    uint64_t files = 0;
    uint64_t bytes = 0;
    uint64_t unfit = 0;  // of no Map Run as it is now: they are passed over
  };
  Inventory inventory() const;
  // Removes the files of runs that are not in the store, and what a kill left half written. Only
  // where nobody else writes to the store.
  void sweep() const;

 private:
  std::string path_of(uint64_t run) const;
  base::Result<std::string> state_of(const records::MapRunRecord& run) const;

  const Query& query_;
};

}  // namespace weft::reading
