#pragma once

#include <string>
#include <string_view>

namespace weft::terminal {

// `text` as one word of a shell's command line: as it is when it holds nothing that a shell takes
// apart, else in single quotes. Printable (text.h): what could move the cursor is shown, not kept.
std::string shell_word(std::string_view text);

}  // namespace weft::terminal
