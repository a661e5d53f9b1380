#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "net/file_descriptor.h"

namespace weft::lambda {

// A user of this machine; only root can run a process as another.
struct RunAs {
  uid_t uid = 0;
  gid_t gid = 0;
  // Processes and threads that this user may have at once, over all of its functions.
  uint64_t processes_max = 0;
};

// What runs in a sandbox, and its bounds.
struct SandboxProgram {
  std::vector<std::string> arguments;    // arguments[0]: absolute path
  std::vector<std::string> environment;  // KEY=VALUE
  std::string directory;
  uint64_t memory_bytes = 0;  // private memory that one process may write to; 0: any
  std::optional<RunAs> user;  // none: Weft's own
};

// Where a process prints.
struct OutputDescriptors {
  int out = -1;
  int err = -1;
};

// A sandbox that runs: its first process (sandbox_init.h), our child, ends when all of it has
// ended. It ends all of it when it gets SIGTERM, and when the thread that started it ends.
struct SpawnedSandbox {
  pid_t init = -1;
  pid_t function = -1;          // the function's own process, a child of `init`
  net::FileDescriptor reports;  // nonblocking: at last a SandboxReport of kind kEnded
};

// Starts it, with stdin from /dev/null, stdout and stderr to `output`, and no other descriptor.
// Errors (kIo): "fork/exec /var/task/bootstrap: no such file or directory".
base::Result<SpawnedSandbox> spawn_sandbox(const SandboxProgram& program, OutputDescriptors output);

}  // namespace weft::lambda
