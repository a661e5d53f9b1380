#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "integrations/lambda/log_capture.h"
#include "integrations/lambda/spawn.h"
#include "net/file_descriptor.h"
#include "sync/mutex.h"

namespace weft::lambda {

// How a process ended.
struct ProcessExit {
  std::string start_error;  // why it could not be started at all; "" when it ran
  int status = 0;           // exit status, when it ended by itself
  int signal = 0;           // the signal that ended it, else 0
};

// Starts, watches and kills processes, from one thread of its own that lives as long as the
// supervisor: PR_SET_PDEATHSIG binds a process to the thread that forked it. Whatever a process
// starts ends with it, daemons included (sandbox_init.h).
class Supervisor {
 public:
  using ProcessId = uint64_t;  // ours, never used again
  struct Start {
    SandboxProgram program;
    std::shared_ptr<LogCapture> log;
    // Runs once on the supervisor's thread, after all of it has ended and its output was read.
    std::move_only_function<void(ProcessExit)> on_exit;
  };

  // Closes what /proc has of this process to functions of its own user (unless that is root), and
  // so takes core dumps from it. Errors: kIo.
  static base::Result<std::unique_ptr<Supervisor>> create();
  // Stops.
  ~Supervisor();

  // Starts a process soon. Any thread.
  ProcessId start(Start start);
  // Asks the process, not what it started, to end (SIGTERM). Does nothing when it has ended or was
  // not started yet. Any thread.
  void terminate(ProcessId id);
  // Kills the process (SIGKILL), and soon what it started. Does nothing when it has ended. Any
  // thread.
  void kill(ProcessId id);
  // Whether the process, or one that it started, has the client's end of a connection between two
  // ports of 127.0.0.1 open. Waits for the start of one that is being started. Any thread.
  bool holds_connection(ProcessId id, uint16_t client_port, uint16_t server_port);
  // Kills all, waits for their end and ends the thread. on_exit of those still running is not
  // called. Not callable from on_exit.
  void stop();

 private:
  struct Process {
    Start start;
    SpawnedSandbox sandbox;        // init < 0: not forked yet
    net::FileDescriptor init;      // pidfds
    net::FileDescriptor function;  // not open when it ended at once
    bool killed = false;           // killed before it was forked

    void kill() const;
  };

  Supervisor(int epoll_fd, int wake_fd);
  void run();
  void wake();
  void start_pending();
  void fork_process(ProcessId id);
  void finish(ProcessId id, ProcessExit exit);
  void reap(ProcessId id);
  void handle_event(uint64_t tag);

  const int epoll_fd_;
  const int wake_fd_;
  sync::Mutex mutex_;
  // A map: addresses stay put while the thread works on an entry.
  std::map<ProcessId, Process> processes_ WEFT_GUARDED_BY(mutex_);
  std::vector<ProcessId> pending_ WEFT_GUARDED_BY(mutex_);
  sync::CondVar forked_;  // or not, for good
  ProcessId next_id_ WEFT_GUARDED_BY(mutex_) = 1;
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace weft::lambda
