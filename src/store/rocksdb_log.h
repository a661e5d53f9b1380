#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"
#include "store/rocksdb_database.h"
#include "store/watermark.h"

// The write-ahead log read apart from RocksDB's recovery, which takes a log that is missing, or
// ends where one commit does, for a log that is whole. Private to src/store.

namespace weft::store {

// The log that the oldest commit in no table yet is in; `known` when it is still that one. In a log
// without a commit the next one comes: `newest` tells the newest ordinal, and is asked last.
base::Result<LogMark> first_log(const Database& database, const LogMark& known,
                                const std::function<uint64_t()>& newest);

// The number of the oldest log that holds, or is to hold, what is in no table, as the manifest
// says.
uint64_t oldest_needed_log(const Database& database);

// What the log holds.
struct LogRead {
  uint64_t commits = 0;
  CommitMark first;
  CommitMark last;
};
// Reads the commits that are in no table yet: each must follow the one before, the first one is
// where `known` says, and the last one is `last`. Errors name the log.
base::Result<LogRead> check_log(const Database& database, const LogMark& known,
                                const CommitMark& last);

}  // namespace weft::store
