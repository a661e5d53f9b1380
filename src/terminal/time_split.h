#pragma once

#include <string>

#include "columns/summary.h"

namespace weft::terminal {

// "queued 12 % · cold start 40 % · retry wait 45 % · other 3 %" without parts that are none; ""
// when the children neither called functions nor waited.
std::string time_split_text(const columns::TimeSplit& split);

}  // namespace weft::terminal
