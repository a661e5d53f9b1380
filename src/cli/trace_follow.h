#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "cli/data_directory.h"
#include "reading/query.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

// What there is to see of an execution now, and whether it goes on.
struct Frame {
  std::string text;  // lines that end in "\n"
  std::string note;  // one line for streams nobody looks at: "12 s: 430 of 1,000 children"
  bool running = false;
};
// Makes a frame out of what the data directory holds now.
using DrawFrame = std::function<base::Result<Frame>(const reading::Query& query)>;

// Draws until the execution has ended (cli/follow.h). On a terminal (`screen`) the frames replace
// each other, on a screen of their own; elsewhere notes that changed go to standard error. Returns
// the last frame, for printing.
base::Result<Frame> follow_frames(const DataFlags& flags, const terminal::Terminal& screen,
                                  const DrawFrame& draw);

// `text` as it stands on a screen of `rows` lines, from the top left.
std::string screen_text(const std::string& text, size_t rows);

}  // namespace weft::cli
