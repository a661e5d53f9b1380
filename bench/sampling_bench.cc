#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <set>

#include "columns/sampling.h"
#include "columns/synthetic_rare.h"
#include "metrics/sketch.h"

// What 1 % of a run's children shows, chosen by the sampler and drawn evenly, side by side.

namespace {

using namespace weft;
using Children = std::vector<std::pair<history::ChildRow, uint64_t>>;

struct Seen {
  std::set<uint32_t> errors;
  uint64_t slow = 0;
  std::vector<std::pair<int64_t, double>> durations;  // with weights
  double failures = 0;                                // estimated

  void add(const history::ChildRow& row, uint64_t path, double weight) {
    if (row.error_group != 0) errors.insert(row.error_group);
    if (row.error_group != 0) failures += weight;
    slow += path == columns::kSlowPath ? 1 : 0;
    durations.emplace_back(row.duration_us, weight);
  }
  double quantile(double q) {
    std::ranges::sort(durations);
    double all = 0;
    for (const auto& [duration, weight] : durations) all += weight;
    double seen = 0;
    for (const auto& [duration, weight] : durations) {
      seen += weight;
      if (seen >= q * all) return static_cast<double>(duration);
    }
    return 0;
  }
};

void print(const char* what, Seen& seen, double failures, double p50, double p95, double p99) {
  std::printf("  %-22s %5zu %14zu of %u %10lu %10.0f %9.1f %9.1f %9.1f ms\n", what,
              seen.durations.size(), seen.errors.size(), columns::kRareErrors,
              static_cast<unsigned long>(seen.slow), failures, p50 / 1e3, p95 / 1e3, p99 / 1e3);
}

}  // namespace

int main() {
  const Children children = columns::rare_children(100'000, 7);
  constexpr size_t kBudget = 1'000;
  columns::Sampler sampler(kBudget);
  metrics::Sketch sketch;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& [row, path] : children) sampler.add(row, path);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;

  Seen all;
  for (const auto& [row, path] : children) {
    all.add(row, path, 1);
    sketch.add(static_cast<double>(row.duration_us));
  }
  Seen chosen;
  for (const columns::Kept& one : sampler.kept()) chosen.add(one.row, one.path, one.weight);
  Seen drawn;
  std::mt19937_64 random(1);
  Children shuffled = children;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (size_t i = 0; i < kBudget; ++i) {
    drawn.add(shuffled[i].first, shuffled[i].second,
              static_cast<double>(children.size()) / kBudget);
  }
  uint64_t failures = 0;
  for (uint32_t error = 1; error <= columns::kRareErrors; ++error)
    failures += sampler.errors(error);
  std::printf("100,000 children, 40 errors (1 to 40 times each), a slow path taken 10 times\n");
  std::printf("  %-22s %5s %20s %10s %10s %9s %9s %9s\n", "", "kept", "error groups", "slow path",
              "failures", "p50", "p95", "p99");
  print("all", all, all.failures, all.quantile(0.5), all.quantile(0.95), all.quantile(0.99));
  print("sampler (+ rows)", chosen, static_cast<double>(failures), sketch.quantile(0.5),
        sketch.quantile(0.95), sketch.quantile(0.99));
  print("sampler, detail only", chosen, chosen.failures, chosen.quantile(0.5),
        chosen.quantile(0.95), chosen.quantile(0.99));
  print("uniform of that size", drawn, drawn.failures, drawn.quantile(0.5), drawn.quantile(0.95),
        drawn.quantile(0.99));
  std::printf("  %.0f ns a child\n", took.count() / static_cast<double>(children.size()));
  return 0;
}
