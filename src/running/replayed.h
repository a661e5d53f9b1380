#pragma once

#include <memory>

#include "base/error.h"
#include "engine/state.h"
#include "history/row_of_events.h"
#include "store/store.h"

namespace weft::running {

// An execution put together again from its stored turns.
struct Replayed {
  engine::ExecutionState state;
  history::RowOfEvents row;
  uint32_t turns = 0;  // that are stored
};

// Applies the stored events of an execution, open or ended. kStorage, with one sentence, when they
// cannot be its history or there are none. Blocks; any thread.
base::Result<Replayed> replay(const store::Store& store, history::ExecutionKey key,
                              std::shared_ptr<const asl::Program> program, asl::BlockId root);

// An error of a store whose bytes cannot be what this program wrote.
std::unexpected<base::Error> damaged(std::string message);

}  // namespace weft::running
