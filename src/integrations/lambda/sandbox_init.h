#pragma once

#include <cstdint>

namespace weft::lambda {

// What Weft and sandbox_init.cc, the first process of every sandbox, tell each other. The program
// is started as
//   weft-sandbox WEFT_PID MEMORY_BYTES UID GID PROCESSES PROGRAM ARGUMENT...
// (0 bytes: any; -1: Weft's own user and group; PROCESSES: that another user may have) in the
// function's directory, with the function's environment and streams.
inline constexpr int kSandboxReportFd = 3;

// Written to kSandboxReportFd: first kStarted or kFailed, after kStarted at last kEnded.
struct SandboxReport {
  enum Kind : uint32_t {
    kStarted = 1,  // value: pid of the function's process, the leader of a session of its own
    kFailed = 2,   // value: errno of what could not be done to start it
    kEnded = 3,    // value: its status, as waitpid gives it; nothing of it runs any more
  };
  uint32_t kind = 0;
  int32_t value = 0;
};

}  // namespace weft::lambda
