#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/inspect.h"
#include "store/store.h"

// What is left of a damaged store, in a new one: for `weft doctor --salvage`.

namespace weft::store {

struct Salvage {
  std::array<uint64_t, kFamilyCount> keys{};  // that are in the new store
  std::vector<std::string> missing;           // what is not, a sentence each; empty: all is there
};

// Copies every key of the store in `directory` that can be read into a new store in `to`, which is
// made, and hands each to `visit`. Reads past damaged blocks, tables, blob files, parts of the log,
// and a damaged manifest by its copy. Changes nothing in `directory`, on which nobody may work
// meanwhile. Where a table cannot be read, an older value of a key in it may come back: `missing`
// says so. The new store tells for ever that something is missing (kDataLossPrefix).
// Errors: kStorage, of the new store or when nothing at all can be read.
base::Result<Salvage> salvage(const std::string& directory, const std::string& to,
                              const VisitKey& visit);

}  // namespace weft::store
