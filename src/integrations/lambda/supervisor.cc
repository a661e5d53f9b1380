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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
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

}  // namespace

base::Result<std::unique_ptr<Supervisor>> Supervisor::create() {
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

void Supervisor::terminate(ProcessId id) {
  const sync::MutexLock lock(mutex_);
  auto found = processes_.find(id);
  // As in kill(): not reaped yet, so the number is still its own.
  if (found != processes_.end() && found->second.pid > 0) ::kill(found->second.pid, SIGTERM);
}

void Supervisor::kill(ProcessId id) {
  const sync::MutexLock lock(mutex_);
  auto found = processes_.find(id);
  if (found == processes_.end()) return;
  found->second.killed = true;
  // The process is reaped under the same lock, so the group still belongs to it.
  if (found->second.pid > 0) ::kill(-found->second.pid, SIGKILL);
}

void Supervisor::stop() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
    pending_.clear();
    for (auto& [id, process] : processes_) {
      if (process.pid > 0) ::kill(-process.pid, SIGKILL);
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
        std::erase_if(processes_, [](const auto& entry) { return entry.second.pid < 0; });
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
  std::string error;
  pid_t pid = spawn_group(start.arguments, start.environment, start.directory,
                          {.out = start.log->write_fd(LogCapture::kStdout),
                           .err = start.log->write_fd(LogCapture::kStderr)},
                          error);
  start.log->close_write_ends();
  if (pid < 0) return finish(id, ProcessExit{.start_error = std::move(error)});
  int pid_fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  WEFT_CHECK(pid_fd >= 0);
  {
    const sync::MutexLock lock(mutex_);
    process->pid = pid;
    process->pid_fd = pid_fd;
    if (process->killed || stopping_) ::kill(-pid, SIGKILL);
  }
  watch(epoll_fd_, pid_fd, exit_tag(id));
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
    // What the process left behind in its group goes too; as long as it is not reaped, the group id
    // is ours.
    ::kill(-process.pid, SIGKILL);
    int status = 0;
    WEFT_CHECK(waitpid(process.pid, &status, 0) == process.pid);
    if (WIFSIGNALED(status)) {
      exit.signal = WTERMSIG(status);
    } else {
      exit.status = WEXITSTATUS(status);
    }
    unwatch(epoll_fd_, process.pid_fd);
    close(process.pid_fd);
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
    if (stopping_) return;
  }
  on_exit(std::move(exit));
}

}  // namespace weft::lambda
