#include "integrations/lambda/spawn.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// What the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Child {
  char* const* arguments;
  char* const* environment;
  const char* directory;
  OutputDescriptors output;
  int error_fd;
  pid_t parent;
};

[[noreturn]] void become(const Child& child) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // The parent may have died between fork and prctl.
  if (getppid() != child.parent) _exit(127);
  struct sigaction defaults = {};
  defaults.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &defaults, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int null_fd = open("/dev/null", O_RDONLY);
  bool ready = null_fd >= 0 && dup2(null_fd, STDIN_FILENO) >= 0 &&
               dup2(child.output.out, STDOUT_FILENO) >= 0 &&
               dup2(child.output.err, STDERR_FILENO) >= 0;
  // Libraries open descriptors without close-on-exec; none of them is the function's business.
  if (ready) close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (ready && chdir(child.directory) == 0) {
    execve(child.arguments[0], child.arguments, child.environment);
  }
  int code = errno;
  ssize_t written = write(child.error_fd, &code, sizeof code);
  _exit(written == sizeof code ? 127 : 126);
}

}  // namespace

pid_t spawn_group(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment, const std::string& directory,
                  OutputDescriptors output, std::string& error) {
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    error = fmt::format("fork/exec {}: {}", arguments[0], std::strerror(errno));
    return -1;
  }
  Child child{argv.data(), envp.data(), directory.c_str(), output, ends[1], getpid()};
  // No handler of ours may run in the child between fork and exec.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  if (pid == 0) become(child);
  int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(ends[1]);
  int code = pid < 0 ? fork_error : 0;
  if (pid > 0) {
    // Both sides set it, so that a kill of the group right after this finds it.
    setpgid(pid, pid);
    ssize_t count = 0;
    do {
      count = read(ends[0], &code, sizeof code);
    } while (count < 0 && errno == EINTR);
    if (count != sizeof code) code = 0;
  }
  close(ends[0]);
  if (code == 0) return pid;
  if (pid > 0) waitpid(pid, nullptr, 0);
  error = fmt::format("fork/exec {}: {}", arguments[0], std::strerror(code));
  return -1;
}

}  // namespace weft::lambda
