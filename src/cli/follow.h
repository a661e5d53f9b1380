#pragma once

#include <functional>

#include "base/error.h"
#include "cli/data_directory.h"

namespace weft::cli {

// Looks at what the data directory holds now; whether more may come.
using Look = std::function<base::Result<bool>(const DataDirectory& data)>;

// Opens the data again and again for `look`, until nothing more comes, Ctrl-C does, or it fails: a
// store is read as it was when it was opened. Looking takes at most a third of the time.
base::Result<void> follow(const DataFlags& flags, const Look& look);

}  // namespace weft::cli
