#pragma once

#include "base/error.h"
#include "base/text.h"
#include "running/ports.h"
#include "store/store.h"

namespace weft::running {

// The result of a Map state whose Map Run succeeded: the array of its children's outputs in item
// order, read from their turns; a tolerated failure stands in it as its record (AWS page
// "ResultWriter (Map)", transformation NONE). A null Text when it would exceed `bytes_max`, without
// reading anything when `output_bytes` already says so. Blocks; any thread.
base::Result<base::Text> collect_results(const store::Store& store, uint64_t child_name_key,
                                         const RunInfo& run, uint64_t output_bytes,
                                         size_t bytes_max);

}  // namespace weft::running
