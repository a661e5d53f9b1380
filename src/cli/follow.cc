#include "cli/follow.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "server/interrupts.h"

namespace weft::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{500};
constexpr milliseconds kLookForInterrupt{50};
constexpr int kWorkShare = 3;  // at most a third of the time

}  // namespace

base::Result<void> follow(const DataFlags& flags, const Look& look) {
  server::Interrupts::install();
  while (true) {
    const auto start = steady_clock::now();
    auto data = open_data(flags);
    if (!data) return std::unexpected(data.error());
    const auto more = look(*data);
    if (!more) return std::unexpected(more.error());
    const auto end = steady_clock::now();
    const auto next =
        end + std::max<steady_clock::duration>(kPause, (end - start) * (kWorkShare - 1));
    while (*more && server::Interrupts::count() == 0 && steady_clock::now() < next) {
      std::this_thread::sleep_for(kLookForInterrupt);
    }
    if (!*more || server::Interrupts::count() > 0) return {};
  }
}

}  // namespace weft::cli
