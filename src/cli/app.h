#pragma once

namespace weft::cli {

// The whole command line: parses it, runs the command, prints errors as `weft: sentence`. Returns
// the exit status.
int run_program(int argc, char** argv);

}  // namespace weft::cli
