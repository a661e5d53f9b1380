#include "server/interrupts.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "base/check.h"

namespace weft::server {
namespace {

constexpr int kInterruptedStatus = 130;

std::atomic<int> signals{0};
std::atomic<int> first_signal{0};
int wake[2] = {-1, -1};

// The parent of a process; 0 when there is none. Only calls that are allowed in a signal handler.
pid_t parent_of(pid_t process) {
  char path[] = "/proc/0000000000/stat";
  char* end = path + sizeof "/proc/" - 1;
  char digits[10];
  size_t count = 0;
  for (pid_t rest = process; rest > 0; rest /= 10) digits[count++] = static_cast<char>(rest % 10);
  while (count > 0) *end++ = static_cast<char>('0' + digits[--count]);
  std::memcpy(end, "/stat", sizeof "/stat");
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[512];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  // "PID (NAME) STATE PARENT ...", and a name holds what it likes.
  const char* after_name = std::strrchr(text, ')');
  if (after_name == nullptr || after_name + 4 >= text + size) return 0;
  pid_t parent = 0;
  for (const char* at = after_name + 4; *at >= '0' && *at <= '9'; ++at)
    parent = parent * 10 + (*at - '0');
  return parent;
}

// Whether it is a function's, or of what a function has started.
bool descends_from_us(pid_t process) {
  constexpr int kDepthMax = 64;
  const pid_t own = ::getpid();
  for (int depth = 0; process > 1 && depth < kDepthMax; ++depth) {
    process = parent_of(process);
    if (process == own) return true;
  }
  return false;
}

// Only what is allowed in a signal handler: an atomic, files, _exit. What functions send says
// nothing: where the kernel lets it through, they would end Weft, and again when they are called
// again.
void on_signal(int number, siginfo_t* signal, void*) {
  const int error = errno;
  const bool theirs = signal->si_code <= 0 && descends_from_us(signal->si_pid);
  errno = error;
  if (theirs) return;
  int none = 0;
  first_signal.compare_exchange_strong(none, number);
  if (signals.fetch_add(1) > 0) _exit(kInterruptedStatus);
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(wake[1], &byte, 1);
}

}  // namespace

void Interrupts::install() {
  WEFT_CHECK(::pipe2(wake, O_CLOEXEC) == 0);
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

int Interrupts::count() { return signals.load(); }

std::string_view Interrupts::cause() {
  switch (first_signal.load()) {
    case SIGINT:
      return "Stopped with Ctrl-C";
    case SIGTERM:
      return "Stopped by SIGTERM";
    default:
      return "";
  }
}

void Interrupts::wait() {
  char byte = 0;
  while (count() == 0 && ::read(wake[0], &byte, 1) < 0) {
  }
}

}  // namespace weft::server
