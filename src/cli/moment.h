#pragma once

#include <string>

#include "base/error.h"
#include "base/time.h"

namespace weft::cli {

// A moment as typed behind `flag`: "2025-01-31T08:00:00Z", or how long ago: "90s", "15m", "2h",
// "7d". kInvalidArgument names the flag.
base::Result<base::UnixMs> parse_moment(const std::string& flag, const std::string& text);

}  // namespace weft::cli
