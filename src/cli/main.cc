#include <cstdint>
#include <exception>
#include <new>
#include <random>

#include <fmt/format.h>

#include "cli/app.h"
#include "json/name_hash.h"
#include "server/open_files.h"
#include "terminal/terminal.h"

namespace {

weft::json::NameSeed random_seed() {
  std::random_device device;
  const auto word = [&] { return (uint64_t{device()} << 32) | device(); };
  return {.first = word(), .second = word()};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    weft::json::name_seed = random_seed();
    // Commands that only read hold every table of a store, too.
    weft::server::allow_open_files();
    return weft::cli::run_program(argc, argv);
  } catch (const std::bad_alloc&) {
    weft::terminal::say(stderr, "weft: there is not enough memory for that");
    return 2;
  } catch (const std::exception& error) {
    weft::terminal::say(stderr, fmt::format("weft: {}", error.what()));
    return 2;
  }
}
