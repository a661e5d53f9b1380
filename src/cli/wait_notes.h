#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "running/requests.h"

namespace weft::cli {

// Says what an execution waits for that somebody else must do, and how to do it: of each task once.
// One thread.
class WaitNotes {
 public:
  // `url`: of the API that takes the answers.
  explicit WaitNotes(std::string url) : url_(std::move(url)) {}

  // Notes on those of `waiting` that nothing was said of: printable, two lines each.
  std::vector<std::string> fresh(const std::vector<running::WaitingTask>& waiting);

 private:
  const std::string url_;
  std::set<uint32_t> told_;  // ordinals of tasks
};

}  // namespace weft::cli
