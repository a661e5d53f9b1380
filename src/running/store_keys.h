#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "store/store.h"

namespace weft::running {

// What names and tokens of a store hang on: drawn once, kept for ever.
struct StoreKeys {
  uint64_t child_names = 0;  // of the names of children and Map Runs
  std::string task_tokens;   // tokens::TaskTokens::kKeyBytes bytes
};

// The keys of this store, made where they are missing. kStorage: one is damaged; it is never made
// anew, because stored ARNs and the tokens that are out hang on it.
base::Result<StoreKeys> store_keys(store::Store& store);

}  // namespace weft::running
