#pragma once

#include <string>
#include <string_view>

#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

// The lines that turn `before` into `after`, as `diff -u` shows them: three lines of context,
// hunks, no header when nothing differs ("" then).
std::string unified_diff(std::string_view before, std::string_view after, std::string_view name,
                         const terminal::Terminal& terminal);

}  // namespace weft::cli
