// sim [--seed N] [--seeds N] [--first N] [--break release-before-commit] [--verbose]
// Runs random state machines through the real engine, Map Runs and runtime on a virtual clock with
// crashes and faults. Ends with `N passed, N failed`; a failed seed is printed and runs again with
// --seed N.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "asl/compile.h"
#include "check.h"
#include "machine.h"
#include "reference.h"
#include "world.h"

namespace weft::sim {
namespace {

struct Options {
  uint64_t first = 1;
  uint64_t count = 200;
  bool verbose = false;
  bool release_before_commit = false;
};

Faults draw_faults(Random& random) {
  Faults faults;
  if (random() % 2 == 0) faults.crashes = static_cast<int>(1 + random() % 4);
  if (random() % 2 == 0) faults.sync_us_max = 50'000;
  if (random() % 2 == 0) faults.duplicate_percent = 20;
  if (random() % 3 == 0) faults.latency_us_max = 200'000;
  if (random() % 4 == 0) faults.stop_after_us = static_cast<int64_t>(1 + random() % 3'000'000);
  // Slower, and tasks would time out: the reference knows no time.
  if (random() % 8 == 0) faults.sync_us_max = 300'000;
  if (random() % 2 == 0) faults.clock_jumps = static_cast<int>(1 + random() % 4);
  if (random() % 2 == 0) faults.redrives = static_cast<int>(1 + random() % 3);
  if (random() % 2 == 0) faults.updates = static_cast<int>(1 + random() % 6);
  return faults;
}

// True when the seed holds; prints what does not.
bool run_seed(uint64_t seed, const Options& options) {
  Random random(seed);
  const bool express = random() % 5 == 0;
  const std::string definition = random_machine(random, express);
  const std::string input = random_input(random);
  Faults faults = draw_faults(random);
  faults.release_before_commit = options.release_before_commit;
  faults.express = express;
  if (express) faults.stop_after_us = 0;  // nobody can stop it
  if (options.verbose)
    std::printf("%s\ninput %s, %d crashes\n", definition.c_str(), input.c_str(), faults.crashes);
  const asl::CompileResult compiled = asl::compile(base::Text(definition), {.express = express});
  if (compiled.program == nullptr) {
    std::printf("seed %llu: the machine does not compile: %s\n",
                static_cast<unsigned long long>(seed),
                asl::invalid_definition(compiled.diagnostics).message.c_str());
    return false;
  }
  const Expected expected = run_reference(*compiled.program, input);
  World world(seed, definition, input, faults, expected.failures);
  world.run();
  std::vector<std::string> violations = check(world, expected);
  if (violations.empty() && seed % 10 == 0) {
    World again(seed, definition, input, faults, expected.failures);
    again.run();
    if (digest(world) != digest(again))
      violations.push_back("a second run of the same seed stored other bytes");
  }
  if (options.verbose) {
    uint64_t updates = 0;
    for (const auto& [run, acknowledged] : world.updates()) updates += acknowledged;
    std::printf("%llu commits, %llu crashes, %llu redrives, %llu updates of %zu Map Runs\n",
                static_cast<unsigned long long>(world.commits()),
                static_cast<unsigned long long>(world.crashes()),
                static_cast<unsigned long long>(world.redrives()),
                static_cast<unsigned long long>(updates), world.updates().size());
  }
  for (const std::string& violation : violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), violation.c_str());
  }
  return violations.empty();
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--verbose") {
      options.verbose = true;
    } else if (i + 1 < argc && flag == "--seed") {
      options.first = std::strtoull(argv[++i], nullptr, 10);
      options.count = 1;
    } else if (i + 1 < argc && flag == "--seeds") {
      options.count = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && flag == "--first") {
      options.first = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && flag == "--break" &&
               std::strcmp(argv[i + 1], "release-before-commit") == 0) {
      options.release_before_commit = true;
      ++i;
    } else {
      std::fprintf(stderr, "sim: unknown option %s\n", argv[i]);
      return false;
    }
  }
  return true;
}

int run(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) return 2;
  uint64_t failed = 0;
  for (uint64_t i = 0; i < options.count; ++i)
    failed += run_seed(options.first + i, options) ? 0 : 1;
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(options.count - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace weft::sim

int main(int argc, char** argv) { return weft::sim::run(argc, argv); }
