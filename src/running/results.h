#pragma once

#include <functional>

#include "base/error.h"
#include "base/text.h"
#include "maprun/configuration.h"
#include "maprun/result_files.h"
#include "running/ports.h"
#include "store/store.h"

namespace weft::running {

// The error of a Map Run whose results cannot be written.
inline constexpr const char* kResultWriterFailed = "States.ResultWriterFailed";

// The result of a Map state whose Map Run succeeded and exports nothing: the array of its
// children's outputs in item order, read from their turns and transformed as its WriterConfig says;
// a tolerated failure stands in it as its record. A null Text when it would exceed `bytes_max`,
// without reading anything when `output_bytes`, the sum of all outputs, already says so. Blocks;
// any thread.
base::Result<base::Text> collect_results(const store::Store& store, uint64_t child_name_key,
                                         const CollectResults& what, size_t bytes_max);

// Where a ResultWriter writes to, and how much into one file.
struct ResultTarget {
  maprun::ResultBucket& bucket;
  uint64_t file_bytes_max = 0;
  // Asked for every child: true ends the writing, whose files so far stay for a later one.
  std::function<bool()> stopping{};
};
// Whether the results of the run can be written where they are to be: an object is written there
// and removed again, as AWS does before it starts children (the page "ResultWriter (Map)"). Blocks;
// any thread.
base::Result<void> try_results(maprun::ResultBucket& bucket, const maprun::Results& results,
                               const records::MapRunRecord& run);
// Writes the outcomes of all children of a Map Run, none of which runs any more, to files, and then
// the manifest. What is stored decides alone what they hold, so that after a crash the same files
// are written. On an error the files that were written are removed, unless it was stopped. Files of
// an earlier generation that are not there any more as they were written are not named again: all
// results are written anew then.
// Holds one bit a child beside the buffers of ResultFiles. Blocks; any thread.
base::Result<WrittenResults> write_results(const store::Store& store, uint64_t child_name_key,
                                           const WriteResults& what, const ResultTarget& target);

// What the parent hears of a Map Run that has ended, unless it has results that must be collected
// first: its failure, or where the exported results are.
engine::MapRunClosed closed_run(const records::MapRunRecord& record);

}  // namespace weft::running
