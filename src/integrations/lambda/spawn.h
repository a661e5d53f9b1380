#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace weft::lambda {

// Where a process prints.
struct OutputDescriptors {
  int out = -1;
  int err = -1;
};

// Forks and executes `arguments` in `directory` as the leader of a new process group that gets
// SIGKILL when the calling thread ends; stdin is /dev/null, stdout and stderr are `output`,
// nothing else stays open. Returns the pid, or -1 with `error` set to why ("fork/exec
// /var/task/bootstrap: no such file or directory").
pid_t spawn_group(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment, const std::string& directory,
                  OutputDescriptors output, std::string& error);

}  // namespace weft::lambda
