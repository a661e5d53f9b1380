#include "integrations/lambda/supervisor.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "integrations/lambda/connection_owner.h"
#include "integrations/lambda/sandbox_init.h"
#include "integrations/lambda/spawn.h"
#include "sync/mutex.h"

namespace weft::lambda {
namespace {

// An epoll tag is the process id with its two lowest bits telling which descriptor is meant; 0 is
// the wake descriptor.
constexpr uint64_t kWakeTag = 0;
uint64_t exit_tag(uint64_t id) { return id << 2; }
uint64_t output_tag(uint64_t id) { return id << 2 | 1; }
uint64_t error_tag(uint64_t id) { return id << 2 | 2; }

void watch(int epoll_fd, int fd, uint64_t tag) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  WEFT_CHECK(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

void unwatch(int epoll_fd, int fd) { epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, nullptr); }

net::FileDescriptor open_process(pid_t pid) {
  return net::FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

void send_signal(const net::FileDescriptor& process, int signal) {
  syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

// The status of the function's process; that of one killed when nobody is left to tell.
int read_last_report(int reports) {
  SandboxReport report;
  const bool told = read(reports, &report, sizeof report) == sizeof report;
  return told && report.kind == SandboxReport::kEnded ? report.value : SIGKILL;
}

}  // namespace

base::Result<std::unique_ptr<Supervisor>> Supervisor::create() {
  // Functions of our own user would read our environment and write our memory in /proc, which
  // belongs to root from now on. It also takes core dumps from us.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_fd < 0 || wake_fd < 0) {
    std::string message = fmt::format("Cannot watch function processes: {}.", std::strerror(errno));
    if (epoll_fd >= 0) close(epoll_fd);
    if (wake_fd >= 0) close(wake_fd);
    return base::fail(base::ErrorCode::kIo, std::move(message));
  }
  return std::unique_ptr<Supervisor>(new Supervisor(epoll_fd, wake_fd));
}

Supervisor::Supervisor(int epoll_fd, int wake_fd) : epoll_fd_(epoll_fd), wake_fd_(wake_fd) {
  watch(epoll_fd_, wake_fd_, kWakeTag);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "weft-functions");
    run();
  });
}

Supervisor::~Supervisor() {
  stop();
  close(wake_fd_);
  close(epoll_fd_);
}

void Supervisor::wake() {
  uint64_t one = 1;
  // Only fails when the counter is full, and then the thread wakes anyway.
  [[maybe_unused]] ssize_t written = write(wake_fd_, &one, sizeof one);
}

Supervisor::ProcessId Supervisor::start(Start start) {
  ProcessId id = 0;
  {
    const sync::MutexLock lock(mutex_);
    id = next_id_++;
    if (stopping_) return id;
    processes_[id].start = std::move(start);
    pending_.push_back(id);
  }
  wake();
  return id;
}

void Supervisor::Process::kill() const {
  // At once, so that nothing is printed after this; then the rest. A stopped one goes on for it.
  if (function.is_open()) send_signal(function, SIGKILL);
  send_signal(init, SIGTERM);
  send_signal(init, SIGCONT);
}

void Supervisor::terminate(ProcessId id) {
  const sync::MutexLock lock(mutex_);
  auto found = processes_.find(id);
  if (found != processes_.end() && found->second.function.is_open())
    send_signal(found->second.function, SIGTERM);
}

void Supervisor::kill(ProcessId id) {
  const sync::MutexLock lock(mutex_);
  auto found = processes_.find(id);
  if (found == processes_.end()) return;
  found->second.killed = true;
  if (found->second.init.is_open()) found->second.kill();
}

bool Supervisor::holds_connection(ProcessId id, uint16_t client_port, uint16_t server_port) {
  pid_t init = -1;
  {
    const sync::MutexLock lock(mutex_);
    auto found = processes_.find(id);
    while (found != processes_.end() && !found->second.init.is_open() && !stopping_) {
      forked_.wait(mutex_);
      found = processes_.find(id);
    }
    if (found != processes_.end()) init = found->second.sandbox.init;
  }
  if (init < 0) return false;
  const auto socket = client_socket(client_port, server_port);
  return socket && has_socket(init, *socket);
}

void Supervisor::stop() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
    pending_.clear();
    forked_.notify_all();
    for (auto& [id, process] : processes_) {
      if (process.init.is_open()) process.kill();
    }
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void Supervisor::run() {
  std::array<epoll_event, 64> events;
  while (true) {
    start_pending();
    {
      const sync::MutexLock lock(mutex_);
      if (stopping_) {
        std::erase_if(processes_, [](const auto& entry) { return !entry.second.init.is_open(); });
        if (processes_.empty()) return;
      }
    }
    int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), -1);
    WEFT_CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; ++i) handle_event(events[i].data.u64);
  }
}

void Supervisor::start_pending() {
  std::vector<ProcessId> ids;
  {
    const sync::MutexLock lock(mutex_);
    ids.swap(pending_);
  }
  for (ProcessId id : ids) fork_process(id);
}

void Supervisor::fork_process(ProcessId id) {
  Process* process = nullptr;
  {
    const sync::MutexLock lock(mutex_);
    if (stopping_) return;
    process = &processes_.at(id);
    if (process->killed) process = nullptr;
  }
  if (process == nullptr) return finish(id, ProcessExit{.signal = SIGKILL});
  const Start& start = process->start;
  auto spawned = spawn_sandbox(start.program, {.out = start.log->write_fd(LogCapture::kStdout),
                                               .err = start.log->write_fd(LogCapture::kStderr)});
  start.log->close_write_ends();
  if (!spawned) return finish(id, ProcessExit{.start_error = spawned.error().message});
  net::FileDescriptor init = open_process(spawned->init);
  WEFT_CHECK(init.is_open());
  const int init_fd = init.get();
  {
    const sync::MutexLock lock(mutex_);
    process->sandbox = std::move(*spawned);
    process->init = std::move(init);
    // Its number is its own as long as its parent has not waited for it, which it does when it has
    // ended: then there is nothing to signal.
    process->function = open_process(process->sandbox.function);
    if (process->killed || stopping_) process->kill();
  }
  forked_.notify_all();
  watch(epoll_fd_, init_fd, exit_tag(id));
  watch(epoll_fd_, start.log->read_fd(LogCapture::kStdout), output_tag(id));
  watch(epoll_fd_, start.log->read_fd(LogCapture::kStderr), error_tag(id));
}

void Supervisor::handle_event(uint64_t tag) {
  if (tag == kWakeTag) {
    uint64_t count = 0;
    [[maybe_unused]] ssize_t bytes = read(wake_fd_, &count, sizeof count);
    return;
  }
  ProcessId id = tag >> 2;
  std::shared_ptr<LogCapture> log;
  {
    const sync::MutexLock lock(mutex_);
    auto found = processes_.find(id);
    // An event of the same batch may have ended it.
    if (found == processes_.end()) return;
    log = found->second.start.log;
  }
  if (tag == exit_tag(id)) return reap(id);
  log->drain();
  const auto stream = tag == output_tag(id) ? LogCapture::kStdout : LogCapture::kStderr;
  // At the end of the stream the descriptor would stay readable for ever.
  if (log->ended(stream)) unwatch(epoll_fd_, log->read_fd(stream));
}

void Supervisor::reap(ProcessId id) {
  ProcessExit exit;
  {
    const sync::MutexLock lock(mutex_);
    Process& process = processes_.at(id);
    int init_status = 0;
    WEFT_CHECK(waitpid(process.sandbox.init, &init_status, 0) == process.sandbox.init);
    const int status = read_last_report(process.sandbox.reports.get());
    if (WIFSIGNALED(status)) {
      exit.signal = WTERMSIG(status);
    } else {
      exit.status = WEXITSTATUS(status);
    }
    unwatch(epoll_fd_, process.init.get());
    process.start.log->drain();
    unwatch(epoll_fd_, process.start.log->read_fd(LogCapture::kStdout));
    unwatch(epoll_fd_, process.start.log->read_fd(LogCapture::kStderr));
  }
  finish(id, std::move(exit));
}

void Supervisor::finish(ProcessId id, ProcessExit exit) {
  std::move_only_function<void(ProcessExit)> on_exit;
  {
    const sync::MutexLock lock(mutex_);
    on_exit = std::move(processes_.at(id).start.on_exit);
    processes_.erase(id);
    forked_.notify_all();
    if (stopping_) return;
  }
  on_exit(std::move(exit));
}

}  // namespace weft::lambda
