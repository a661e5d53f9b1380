#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/commit_mark.h"
#include "store/store.h"

// Everything about a store, read once: for `weft doctor`.

namespace weft::store {

struct Inspection {
  enum class State : uint8_t { kStopped, kKilled, kInUse, kOld };
  State state = State::kOld;  // kOld: of format 1, without a watermark
  bool opened = false;        // else nothing but the files is told of
  std::string format;
  CommitMark commit;    // the newest that is there
  uint64_t logged = 0;  // commits that are in no table yet
  uint64_t tables = 0;  // files that the manifest names
  uint64_t blobs = 0;
  uint64_t bytes = 0;  // of all files
  std::array<uint64_t, kFamilyCount> keys{};
  std::vector<std::string> damage;   // a sentence each; what could be read was read all the same
  std::vector<std::string> losses;   // accepted earlier (OpenOptions::accept_data_loss)
  std::vector<std::string> orphans;  // tables and blobs that the manifest does not name
};

// Reads every file of the store in `directory`, every block against its checksum, and the log
// commit by commit; hands every key to `visit`, family by family in their order. Changes nothing,
// and may run beside a writer. Errors: there is no store. Damage is part of the answer.
using VisitKey = std::function<void(Family family, std::string_view key, std::string_view value)>;
base::Result<Inspection> inspect(const std::string& directory, const VisitKey& visit);

}  // namespace weft::store
