#include "base/give_way.h"

#include <algorithm>

#include <sys/resource.h>
#include <unistd.h>

namespace weft::base {
namespace {

// A thread that is so much nicer gets a thirtieth of what the others get when both want a core:
// enough to leave a lock that it holds.
constexpr int kNicer = 15;
constexpr int kNicenessMax = 19;

}  // namespace

void give_way() {
  // Linux counts niceness by thread, and lets everybody have more of it. What counts is the
  // distance to the process, not to others on the machine.
  const int others = getpriority(PRIO_PROCESS, static_cast<id_t>(getpid()));
  const int nicer = std::min(others + kNicer, kNicenessMax);
  const auto thread = static_cast<id_t>(gettid());
  if (getpriority(PRIO_PROCESS, thread) < nicer) setpriority(PRIO_PROCESS, thread, nicer);
}

}  // namespace weft::base
