#include "integrations/lambda/spawn.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "integrations/lambda/sandbox_init.h"

// The program of sandbox_init.cc (sandbox_init_bytes.cc.in).
extern "C" const char weft_sandbox_init_begin[];
extern "C" const char weft_sandbox_init_end[];

namespace weft::lambda {
namespace {

using base::fail;
using base::Result;

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// A file in memory that holds the program of sandbox_init.cc and can be executed; -1 where the
// system allows no such file.
int make_init_file() {
  constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, which older kernels and headers do not know
  constexpr int kLowest = 64;             // out of the way of what the child gives away
  int made = memfd_create("weft-sandbox", MFD_CLOEXEC | kExecutable);
  if (made < 0 && errno == EINVAL) made = memfd_create("weft-sandbox", MFD_CLOEXEC);
  if (made < 0) return -1;
  const int file = fcntl(made, F_DUPFD_CLOEXEC, kLowest);
  close(made);
  std::string_view rest(weft_sandbox_init_begin,
                        static_cast<size_t>(weft_sandbox_init_end - weft_sandbox_init_begin));
  while (file >= 0 && !rest.empty()) {
    const ssize_t written = write(file, rest.data(), rest.size());
    if (written <= 0) {
      close(file);
      return -1;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return file;
}

// What the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Child {
  int init_file;
  char* const* arguments;
  char* const* environment;
  const char* directory;
  OutputDescriptors output;
  int report_fd;
  pid_t parent;
};

[[noreturn]] void become_init(const Child& child) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // The parent may have died between fork and prctl.
  if (getppid() != child.parent) _exit(127);
  struct sigaction defaults = {};
  defaults.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &defaults, nullptr);
  // Above the numbers that are given away below.
  const int report_fd = fcntl(child.report_fd, F_DUPFD, kSandboxReportFd + 1);
  const int null_fd = open("/dev/null", O_RDONLY);
  bool ready = report_fd >= 0 && null_fd >= 0 && dup2(null_fd, STDIN_FILENO) >= 0 &&
               dup2(child.output.out, STDOUT_FILENO) >= 0 &&
               dup2(child.output.err, STDERR_FILENO) >= 0 && chdir(child.directory) == 0;
  if (ready && dup2(report_fd, kSandboxReportFd) >= 0) {
    // Libraries open descriptors without close-on-exec; none of them is the function's business.
    close_range(kSandboxReportFd + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    syscall(SYS_execveat, child.init_file, "", child.arguments, child.environment, AT_EMPTY_PATH);
  }
  const SandboxReport failed{SandboxReport::kFailed, errno};
  const int where = report_fd >= 0 ? report_fd : child.report_fd;
  const ssize_t written = write(where, &failed, sizeof failed);
  _exit(written == sizeof failed ? 127 : 126);
}

std::vector<std::string> init_arguments(const SandboxProgram& program) {
  const auto number = [](bool given, uint32_t value) {
    return given ? std::to_string(value) : std::string("-1");
  };
  const RunAs user = program.user.value_or(RunAs{});
  std::vector<std::string> all = {"weft-sandbox",
                                  std::to_string(getpid()),
                                  std::to_string(program.memory_bytes),
                                  number(program.user.has_value(), user.uid),
                                  number(program.user.has_value(), user.gid),
                                  std::to_string(user.processes_max)};
  all.insert(all.end(), program.arguments.begin(), program.arguments.end());
  return all;
}

// How the sandbox began: the pid of the function's process, or minus an errno.
int read_first_report(int reports) {
  SandboxReport report;
  ssize_t size = 0;
  do {
    size = read(reports, &report, sizeof report);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof report) return -ECHILD;
  return report.kind == SandboxReport::kStarted ? report.value : -report.value;
}

}  // namespace

Result<SpawnedSandbox> spawn_sandbox(const SandboxProgram& program, OutputDescriptors output) {
  static const int init_file = make_init_file();
  const auto failed = [&](int code) {
    return fail(base::ErrorCode::kIo,
                fmt::format("fork/exec {}: {}", program.arguments.front(), std::strerror(code)));
  };
  if (init_file < 0) return failed(ENOEXEC);
  const std::vector<std::string> arguments = init_arguments(program);
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(program.environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed(errno);
  net::FileDescriptor reports(ends[0]);
  const Child child{init_file, argv.data(), envp.data(), program.directory.c_str(),
                    output,    ends[1],     getpid()};
  // No handler of ours may run in the child between fork and exec.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t init = fork();
  if (init == 0) become_init(child);
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(ends[1]);
  if (init < 0) return failed(fork_error);
  const int function = read_first_report(reports.get());
  if (function < 0) {
    waitpid(init, nullptr, 0);
    return failed(-function);
  }
  fcntl(reports.get(), F_SETFL, O_NONBLOCK);
  return SpawnedSandbox{init, function, std::move(reports)};
}

}  // namespace weft::lambda
