// The first process of a sandbox: a program of its own, part of Weft's binary, that starts the
// function's process, takes over what that one leaves behind (daemons included), and ends all of it
// when the function's process has ended, when Weft says so (SIGTERM), or when Weft is gone.
//
// The function's process gets the bounds that need no privilege: no new privileges, limits of
// memory, files and core dumps, and a filter that keeps its signals away from Weft.

#include "integrations/lambda/sandbox_init.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace weft::lambda {
namespace {

// AWS: "Lambda quotas", file descriptors.
constexpr rlim_t kOpenFiles = 1'024;
// AWS: the largest /tmp of a function.
constexpr rlim_t kFileBytes = 10ULL * 1024 * 1024 * 1024;
// AWS: "Lambda quotas", processes and threads of an execution environment.
constexpr char kProcesses[] = "1024";
constexpr size_t kPidsMax = 240;  // one block of the filter holds them all
constexpr size_t kFilterMax = 2'048;

struct Settings {
  pid_t weft = 0;
  rlim_t memory_bytes = 0;
  long uid = -1;
  long gid = -1;
  rlim_t processes = 0;
  char** program = nullptr;
};

void report(SandboxReport::Kind kind, int value) {
  const SandboxReport message{kind, value};
  [[maybe_unused]] const ssize_t written = write(kSandboxReportFd, &message, sizeof message);
}

// Calls `visit` with each number that names an entry of `directory`.
template <typename Visit>
void for_each_number(const char* directory, Visit visit) {
  DIR* open = opendir(directory);
  if (open == nullptr) return;
  while (const dirent* entry = readdir(open)) {
    const long number = strtol(entry->d_name, nullptr, 10);
    if (number > 0) visit(static_cast<pid_t>(number));
  }
  closedir(open);
}

// The children of one thread; at most as many as are counted.
size_t children_of(pid_t process, pid_t thread, pid_t* children, size_t max) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", process, thread);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return 0;
  size_t count = 0;
  while (count < max && fscanf(file, "%d", &children[count]) == 1) ++count;
  fclose(file);
  return count;
}

// Kills the descendants of a process. Who forks meanwhile is met again: what it leaves comes to us.
void kill_descendants(pid_t process, int depth) {
  constexpr int kDepthMax = 64;
  constexpr size_t kChildrenMax = 512;
  if (depth == kDepthMax) return;
  char tasks[32];
  snprintf(tasks, sizeof tasks, "/proc/%d/task", process);
  for_each_number(tasks, [&](pid_t thread) {
    pid_t children[kChildrenMax];
    const size_t count = children_of(process, thread, children, kChildrenMax);
    for (size_t i = 0; i < count; ++i) {
      // Its children while it has them: afterwards they are ours.
      kill_descendants(children[i], depth + 1);
      kill(children[i], SIGKILL);
    }
  });
}

// ---- A bound of the number of processes -------------------------------------------------------

// A control group of the sandbox's own beneath Weft's, where Weft may make one and its kernel
// counts processes there; else nothing.
class ProcessGroup {
 public:
  ProcessGroup() {
    if (!find_parent() || !make()) return;
    const int max = open_file("pids.max");
    if (max >= 0 && write(max, kProcesses, sizeof kProcesses - 1) > 0)
      procs_ = open_file("cgroup.procs");
    if (max >= 0) close(max);
    if (procs_ < 0) remove();
  }
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  // The calling process, and all that it starts.
  void enter() const {
    if (procs_ < 0) return;
    [[maybe_unused]] const ssize_t written = write(procs_, "0", 1);
  }
  // Once nothing runs in it any more.
  void remove() { rmdir(path_); }

 private:
  // Version 1 has a tree for processes, version 2 one for all.
  bool find_parent() {
    FILE* file = fopen("/proc/self/cgroup", "re");
    if (file == nullptr) return false;
    char line[kPathMax];
    while (parent_[0] == '\0' && fgets(line, sizeof line, file) != nullptr) {
      line[strcspn(line, "\n")] = '\0';
      char* controllers = strchr(line, ':');
      char* path = controllers == nullptr ? nullptr : strchr(++controllers, ':');
      if (path == nullptr) continue;
      *path++ = '\0';
      const char* root = nullptr;
      if (strcmp(controllers, "pids") == 0) root = "/sys/fs/cgroup/pids";
      if (controllers[0] == '\0') root = "/sys/fs/cgroup";
      if (root != nullptr) try_parent(root, path);
    }
    fclose(file);
    return parent_[0] != '\0';
  }
  void try_parent(const char* root, const char* path) {
    const int size = snprintf(parent_, sizeof parent_, "%s%s/cgroup.procs", root, path);
    if (size > 0 && static_cast<size_t>(size) < sizeof parent_ && access(parent_, F_OK) == 0)
      *strrchr(parent_, '/') = '\0';
    else
      parent_[0] = '\0';
  }
  bool make() {
    const int size = snprintf(path_, sizeof path_, "%s/weft-%d", parent_, getpid());
    if (size < 0 || static_cast<size_t>(size) >= sizeof path_) return false;
    rmdir(path_);  // of one that was killed and had this number
    return mkdir(path_, 0755) == 0;
  }
  int open_file(const char* name) const {
    char path[kPathMax + 64];
    snprintf(path, sizeof path, "%s/%s", path_, name);
    return open(path, O_WRONLY | O_CLOEXEC);
  }

  static constexpr size_t kPathMax = 4'096;
  char parent_[kPathMax] = "";
  char path_[kPathMax] = "";
  int procs_ = -1;
};

// ---- The function's process, between fork and exec -------------------------------------------

class Filter {
 public:
  Filter(pid_t weft, pid_t init) {
#if defined(__x86_64__)
    constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "which AUDIT_ARCH?"
#endif
    // Calls by the numbers of another architecture would pass by.
    load(offsetof(seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
    refuse(ENOSYS);
#if defined(__x86_64__)
    constexpr uint32_t kX32 = 0x4000'0000;
    load(offsetof(seccomp_data, nr));
    add(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1);
    refuse(ENOSYS);
#endif
    protect(weft, init);
  }

  // Errors leave the process without it.
  void install() {
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog program{static_cast<unsigned short>(size_), code_};
    // Without the flag, older kernels slow the whole process down.
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
  }

 private:
  void add(uint16_t code, uint32_t k, uint8_t if_true = 0, uint8_t if_false = 0) {
    if (size_ < kFilterMax) code_[size_++] = sock_filter{code, if_true, if_false, k};
  }
  void load(size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }
  void refuse(int error) { add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)); }
  // Refuses the call when its argument is one of `values`.
  void refuse_when(long call, int argument, const pid_t* values, size_t count, int error = EPERM) {
    load(offsetof(seccomp_data, nr));
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, static_cast<uint8_t>(count + 3));
    load(offsetof(seccomp_data, args) + sizeof(uint64_t) * static_cast<size_t>(argument));
    for (size_t i = 0; i < count; ++i) {
      add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(values[i]),
          static_cast<uint8_t>(count - i), 0);
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    refuse(error);
  }
  void refuse_always(long call, int error) {
    load(offsetof(seccomp_data, nr));
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1);
    refuse(error);
  }

  void protect(pid_t weft, pid_t init) {
    // A thread's number names its process, too.
    pid_t pids[kPidsMax] = {weft, init};
    size_t count = 2;
    char tasks[32];
    snprintf(tasks, sizeof tasks, "/proc/%d/task", weft);
    constexpr size_t kGroups = 4;
    for_each_number(tasks, [&](pid_t thread) {
      if (count < kPidsMax - kGroups) pids[count++] = thread;
    });
    for (const long call :
         {SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_prlimit64})
      refuse_when(call, 0, pids, count);
    // kill also takes groups, and -1 for everybody.
    for (const pid_t group : {-weft, -getpgid(weft), -init, -1}) pids[count++] = group;
    refuse_when(SYS_kill, 0, pids, count);
    // Other ways to the same end. Libraries that use pidfds go on with kill where there are none.
    refuse_always(SYS_pidfd_send_signal, ENOSYS);
    refuse_always(SYS_pidfd_getfd, EPERM);
    refuse_always(SYS_process_vm_readv, EPERM);
    refuse_always(SYS_process_vm_writev, EPERM);
    constexpr pid_t kAttach[] = {PTRACE_ATTACH, PTRACE_SEIZE};
    refuse_when(SYS_ptrace, 0, kAttach, 2);
    constexpr pid_t kOwner[] = {F_SETOWN, F_SETOWN_EX};
    refuse_when(SYS_fcntl, 1, kOwner, 2);
  }

  sock_filter code_[kFilterMax];
  size_t size_ = 0;
};

void bound(int resource, rlim_t value) {
  rlimit limit{};
  getrlimit(static_cast<__rlimit_resource>(resource), &limit);
  if (limit.rlim_max < value) value = limit.rlim_max;
  limit = {value, value};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// False: errno says why.
bool become_user(const Settings& settings) {
  if (settings.uid < 0) return true;
  return setgroups(0, nullptr) == 0 && setgid(static_cast<gid_t>(settings.gid)) == 0 &&
         setuid(static_cast<uid_t>(settings.uid)) == 0;
}

[[noreturn]] void become_function(const Settings& settings, const ProcessGroup& group, pid_t init,
                                  int error_fd) {
  close(kSandboxReportFd);
  group.enter();
  setsid();
  bound(RLIMIT_CORE, 0);
  bound(RLIMIT_NOFILE, kOpenFiles);
  bound(RLIMIT_FSIZE, kFileBytes);
  if (settings.memory_bytes > 0) bound(RLIMIT_DATA, settings.memory_bytes);
  if (settings.uid >= 0) bound(RLIMIT_NPROC, settings.processes);
  if (become_user(settings)) {
    // After the change of user, which takes it back.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != init) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    Filter(settings.weft, init).install();
    execve(settings.program[0], settings.program, environ);
  }
  const int code = errno;
  [[maybe_unused]] const ssize_t written = write(error_fd, &code, sizeof code);
  _exit(127);
}

// ---- The first process ------------------------------------------------------------------------

// Starts the function's process and reports it; -1 when that failed.
pid_t start(const Settings& settings, const ProcessGroup& group) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    report(SandboxReport::kFailed, errno);
    return -1;
  }
  const pid_t init = getpid();
  const pid_t function = fork();
  if (function == 0) become_function(settings, group, init, ends[1]);
  int code = function < 0 ? errno : 0;
  close(ends[1]);
  if (function > 0 && read(ends[0], &code, sizeof code) != sizeof code) code = 0;
  close(ends[0]);
  if (code != 0) {
    report(SandboxReport::kFailed, code);
    return -1;
  }
  report(SandboxReport::kStarted, function);
  return function;
}

// Takes the ends of all that have ended; whether the function's process is among them.
bool reap(pid_t function, int& status) {
  bool ended = false;
  int each = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &each, WNOHANG)) > 0;) {
    if (pid != function) continue;
    status = each;
    ended = true;
  }
  return ended;
}

// Returns when nothing of the sandbox runs any more.
void end_all(pid_t function, int& status) {
  while (true) {
    kill_descendants(getpid(), 0);
    siginfo_t none{};
    if (waitid(P_ALL, 0, &none, WEXITED | WNOWAIT) != 0) return;
    reap(function, status);
  }
}

int run(const Settings& settings) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t signals;
  sigfillset(&signals);
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  // Weft set SIGTERM as the signal of its death, and may have died before this.
  if (getppid() != settings.weft) return 1;
  ProcessGroup group;
  const pid_t function = start(settings, group);
  if (function < 0) {
    group.remove();
    return 1;
  }
  // The function's streams end with the function.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(stream);
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  int status = SIGKILL;
  while (true) {
    const int signal = sigwaitinfo(&awaited, nullptr);
    if (signal == SIGTERM || (signal == SIGCHLD && reap(function, status))) break;
  }
  end_all(function, status);
  group.remove();
  report(SandboxReport::kEnded, status);
  return 0;
}

}  // namespace
}  // namespace weft::lambda

int main(int count, char** arguments) {
  constexpr int kProgram = 6;
  if (count <= kProgram) return 2;
  weft::lambda::Settings settings;
  settings.weft = static_cast<pid_t>(strtol(arguments[1], nullptr, 10));
  settings.memory_bytes = strtoull(arguments[2], nullptr, 10);
  settings.uid = strtol(arguments[3], nullptr, 10);
  settings.gid = strtol(arguments[4], nullptr, 10);
  settings.processes = strtoull(arguments[5], nullptr, 10);
  settings.program = arguments + kProgram;
  return weft::lambda::run(settings);
}
