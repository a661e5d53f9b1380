#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "store/commit_mark.h"
#include "store/rocksdb_database.h"
#include "store/watermark.h"

// Whether what RocksDB opened is all that was written. Private to src/store.

namespace weft::store {

// What a store says of itself, once it is open.
struct Recovered {
  std::string format;  // "" in a store that has just been made
  CommitMark commit;   // ordinal 0: of format 1, or nothing was committed
};
base::Result<Recovered> recovered_of(const Database& database);

// A format that this version reads.
base::Result<void> check_format(const Recovered& recovered, const std::string& directory);

// Whether all that the watermark knows of is there: every commit, each log, and the tables and
// blobs that the manifest names, in their length. Reads the log, and of the others nothing but the
// beginnings. `database` is open for reading.
base::Result<Recovered> check_database(const Database& database, const WatermarkRead& watermark);

// Names of the tables and blobs that the manifest names.
std::set<std::string> live_files(const Database& database);

// Opens for reading what `watermark` is about, checks it in every way that does not read all of it,
// and closes it. Changes nothing. Errors: refusal().
base::Result<Recovered> check_closed_store(const OpenOptions& options,
                                           const WatermarkRead& watermark);

}  // namespace weft::store
