#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "store/store.h"

// What of the records of a store does not fit the others, because a part of it was lost; and what
// makes the rest fit: for `weft doctor`, and for who goes on with what is left.

namespace weft::running {

struct Misfit {
  std::string what;    // a sentence without its full stop
  std::string mended;  // what `mending` makes of it; "" when nothing can be done
};

struct Misfits {
  std::vector<Misfit> found;
  // Afterwards recovery takes the store, every open execution goes on or has ended as FAILED with
  // States.Runtime and a cause that says what is lost, and what is left has its names again.
  // Deletes nothing that could be read but turns behind a gap.
  store::Batch mending;
};

// Reads every record, history and row once, by the functions recovery itself goes by
// (stored_work.h). What was mended before, and what was imported, is passed over. Blocks; any
// thread. Errors: the store cannot be read.
base::Result<Misfits> find_misfits(const store::Store& store, base::UnixMs now_ms);

// Mends a store that nobody works on, when it tells of losses (store::kDataLossPrefix) that came
// after it was mended last, or `always`; what it did, which the store tells for ever, too.
enum class MendWhen : uint8_t { kAfterLosses, kAlways };
base::Result<std::vector<std::string>> mend_losses(store::Store& store, base::UnixMs now_ms,
                                                   MendWhen when);

}  // namespace weft::running
