#include "server/interrupts.h"

#include <atomic>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"

namespace weft::server {
namespace {

constexpr int kInterruptedStatus = 130;

std::atomic<int> signals{0};
int wake[2] = {-1, -1};

// Only what is allowed in a signal handler: an atomic, write, _exit.
void on_signal(int) {
  if (signals.fetch_add(1) > 0) _exit(kInterruptedStatus);
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(wake[1], &byte, 1);
}

}  // namespace

void Interrupts::install() {
  WEFT_CHECK(::pipe2(wake, O_CLOEXEC) == 0);
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int Interrupts::count() { return signals.load(); }

void Interrupts::wait() {
  char byte = 0;
  while (count() == 0 && ::read(wake[0], &byte, 1) < 0) {
  }
}

}  // namespace weft::server
