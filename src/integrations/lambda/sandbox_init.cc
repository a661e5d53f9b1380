// The first process of a sandbox: a program of its own, part of Weft's binary, that starts the
// function's process, takes over what that one leaves behind (daemons included), and ends all of it
// when the function's process has ended, when Weft says so (SIGTERM), or when Weft is gone.
//
// The function's process gets the bounds that need no privilege: no new privileges, limits of
// memory, files and core dumps, and a filter that keeps its signals within the sandbox: whom they
// are for is asked of this program.

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
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
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
  // With `asks` the kernel asks install()'s descriptor about each signal that neither leaves the
  // function's process nor is for Weft as it is now.
  Filter(pid_t weft, pid_t init, bool asks) : asks_(asks) {
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

  // The descriptor to answer at, when it asks; else 0. Errors, as where another filter asks
  // already, give -1 and leave the process without this one.
  int install() {
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const sock_fprog program{static_cast<unsigned short>(size_), code_};
    // Without the first flag, older kernels slow the whole process down.
    const unsigned long flags =
        SECCOMP_FILTER_FLAG_SPEC_ALLOW | (asks_ ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
    return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
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
  // The same for the process or thread that a signal is for: 0 and the function's own are free, and
  // others are asked about.
  void guard_target(long call, const pid_t* values, size_t count) {
    const pid_t free[] = {0, getpid()};
    constexpr size_t kFree = 2;
    load(offsetof(seccomp_data, nr));
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0,
        static_cast<uint8_t>(count + kFree + 4));
    load(offsetof(seccomp_data, args));
    for (size_t i = 0; i < count; ++i) {
      add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(values[i]),
          static_cast<uint8_t>(count - i - 1 + kFree + 2), 0);
    }
    for (size_t i = 0; i < kFree; ++i) {
      add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(free[i]),
          static_cast<uint8_t>(kFree - i), 0);
    }
    add(BPF_RET | BPF_K, asks_ ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    refuse(EPERM);
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
      guard_target(call, pids, count);
    // kill also takes groups, and -1 for everybody.
    for (const pid_t group : {-weft, -getpgid(weft), -init, -1}) pids[count++] = group;
    guard_target(SYS_kill, pids, count);
    // Other ways to the same end. Libraries that use pidfds go on with kill where there are none.
    refuse_always(SYS_pidfd_send_signal, ENOSYS);
    refuse_always(SYS_pidfd_getfd, EPERM);
    refuse_always(SYS_process_vm_readv, EPERM);
    refuse_always(SYS_process_vm_writev, EPERM);
    constexpr pid_t kAttach[] = {PTRACE_ATTACH, PTRACE_SEIZE};
    refuse_when(SYS_ptrace, 0, kAttach, 2);
    // The owner of a file is sent a signal of one's choice when there is something to read.
    constexpr pid_t kOwner[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG};
    refuse_when(SYS_fcntl, 1, kOwner, 3);
    // The first two are F_SETOWN by other names; the others type into a terminal, Weft's own
    // included, and decide who gets the signals of its keys.
    constexpr pid_t kControl[] = {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCSPGRP};
    refuse_when(SYS_ioctl, 1, kControl, 6);
  }

  const bool asks_;
  sock_filter code_[kFilterMax];
  size_t size_ = 0;
};

// Whether the kernel lets a call go on that it asked about: it has done so since 5.5, a version
// before this call.
bool kernel_asks() { return syscall(SYS_pidfd_getfd, -1, -1, 0) == 0 || errno != ENOSYS; }

// What tells start() that the function's process is as far: a filter that asks, or an error.
struct Progress {
  int error = 0;
};

void send_listener(int to, int listener) {
  Progress progress;
  iovec part{&progress, sizeof progress};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof listener)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof listener);
  memcpy(CMSG_DATA(header), &listener, sizeof listener);
  [[maybe_unused]] const ssize_t sent = sendmsg(to, &message, 0);
}

// One message; false at the end of them. `listener` is set when one came.
bool receive(int from, Progress& progress, int& listener) {
  iovec part{&progress, sizeof progress};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof listener)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != sizeof progress) return false;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS)
    memcpy(&listener, CMSG_DATA(header), sizeof listener);
  return true;
}

void install_filter(pid_t weft, pid_t init, int tell) {
  if (kernel_asks()) {
    const int listener = Filter(weft, init, true).install();
    if (listener >= 0) return send_listener(tell, listener);
  }
  Filter(weft, init, false).install();
}

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
                                  int tell) {
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
    install_filter(settings.weft, init, tell);
    execve(settings.program[0], settings.program, environ);
  }
  const Progress failed{errno};
  [[maybe_unused]] const ssize_t written = write(tell, &failed, sizeof failed);
  _exit(127);
}

// ---- The first process ------------------------------------------------------------------------

// Starts the function's process and reports it; -1 when that failed. `listener` is where its filter
// asks, if it does.
pid_t start(const Settings& settings, const ProcessGroup& group, int& listener) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    report(SandboxReport::kFailed, errno);
    return -1;
  }
  const pid_t init = getpid();
  const pid_t function = fork();
  if (function == 0) become_function(settings, group, init, ends[1]);
  Progress progress{function < 0 ? errno : 0};
  close(ends[1]);
  while (function > 0 && progress.error == 0 && receive(ends[0], progress, listener)) {
  }
  close(ends[0]);
  if (progress.error != 0) {
    report(SandboxReport::kFailed, progress.error);
    return -1;
  }
  report(SandboxReport::kStarted, function);
  return function;
}

// ---- Whom a signal is for -----------------------------------------------------------------------

struct ProcessInfo {
  pid_t parent = 0;
  int depth = 0;  // of its namespace of processes
};

// Of a process, or of the one a thread is of; false when there is none.
bool look_at(pid_t process, ProcessInfo& info) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/status", process);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return false;
  info = {};
  char line[512];
  while (fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "PPid:", 5) == 0)
      info.parent = static_cast<pid_t>(strtol(line + 5, nullptr, 10));
    if (strncmp(line, "NSpid:", 6) != 0) continue;
    for (const char* at = line; (at = strchr(at, '\t')) != nullptr; ++at) ++info.depth;
  }
  fclose(file);
  return true;
}

// The group of a process; 0 when it is gone.
pid_t group_of(pid_t process) {
  const pid_t group = getpgid(process);
  return group < 0 ? 0 : group;
}

// 0: it is in this sandbox, or an error: EPERM, ESRCH.
int judge_process(pid_t process) {
  ProcessInfo info;
  if (!look_at(process, info)) return ESRCH;
  const pid_t init = getpid();
  constexpr int kGenerationsMax = 4'096;
  for (int i = 0; i < kGenerationsMax && info.parent > 1; ++i) {
    if (info.parent == init) return 0;
    if (!look_at(info.parent, info)) return ESRCH;
  }
  return EPERM;
}

// A group is of one session, and the sandbox's sessions are its own.
int judge_group(pid_t group) {
  if (group_of(group) == group) return judge_process(group);
  int verdict = ESRCH;
  for_each_number("/proc", [&](pid_t process) {
    if (group_of(process) == group) verdict = judge_process(process);
  });
  return verdict;
}

// Answers one question of the filter: what a process of the sandbox does to others than itself.
void answer(int listener) {
  // Newer kernels may know more members.
  alignas(seccomp_notif) char question[512] = {};
  alignas(seccomp_notif_resp) char reply[512] = {};
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, question) != 0) return;
  const auto* asked = reinterpret_cast<const seccomp_notif*>(question);
  auto* says = reinterpret_cast<seccomp_notif_resp*>(reply);
  const auto target = static_cast<pid_t>(asked->data.args[0]);
  ProcessInfo caller;
  ProcessInfo self;
  // In a namespace of processes of its own it reaches none but what it started there.
  const bool apart = look_at(static_cast<pid_t>(asked->pid), caller) && look_at(getpid(), self) &&
                     caller.depth > self.depth;
  const int error = apart ? 0 : target < 0 ? judge_group(-target) : judge_process(target);
  says->id = asked->id;
  says->error = -error;
  says->flags = error == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, reply) == 0 || errno != EINVAL) return;
  // A kernel that knows no going on after all: nobody is to wait for ever.
  says->flags = 0;
  says->error = -EPERM;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, reply);
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

// Until the function's process has ended, or Weft says so; answers its filter meanwhile.
void wait_for_end(pid_t function, int signals, int listener, int& status) {
  pollfd wanted[] = {{signals, POLLIN, 0}, {listener, POLLIN, 0}};
  for (bool ended = false; !ended;) {
    poll(wanted, 2, -1);
    if ((wanted[1].revents & POLLIN) != 0) {
      answer(listener);
    } else if (wanted[1].revents != 0) {
      wanted[1].fd = -1;  // nobody has the filter any more
    }
    signalfd_siginfo one{};
    while (!ended && read(signals, &one, sizeof one) == sizeof one)
      ended = one.ssi_signo == SIGTERM || (one.ssi_signo == SIGCHLD && reap(function, status));
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
  int listener = -1;
  const pid_t function = start(settings, group, listener);
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
  wait_for_end(function, signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK), listener, status);
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
