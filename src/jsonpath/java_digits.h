#pragma once

#include <string>
#include <string_view>

namespace weft::jsonpath {

// `text` with the decimal digits of every script (of the basic plane) as 0 to 9, since Java's
// readers of numbers take them all.
std::string with_ascii_digits(std::string_view text);

}  // namespace weft::jsonpath
