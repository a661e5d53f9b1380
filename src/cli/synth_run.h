#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace weft::cli {

// Writes a finished Map Run of `children` children that nobody ran into a fresh data directory, the
// same for the same seed: columns::synthetic_columns() with inputs, histories and errors to it. For
// measurements of what looks at runs, at sizes that would take hours to run. Errors:
// kInvalidArgument when the directory holds something already; errors of the store.
base::Result<void> write_synthetic_run(const std::string& data_directory, uint64_t children,
                                       uint64_t seed);

}  // namespace weft::cli
