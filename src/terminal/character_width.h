#pragma once

#include <cstddef>

namespace weft::terminal {

// Columns that terminals give a printable character: 0 for what joins the one before it, 2 for wide
// East Asian characters and pictographs, else 1.
size_t columns_of(char32_t c);

}  // namespace weft::terminal
