#include <exception>

#include <fmt/format.h>

#include "cli/app.h"

int main(int argc, char** argv) {
  try {
    return weft::cli::run_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "weft: {}\n", error.what());
    return 2;
  }
}
