#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "running/host.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

using SteadyMs = int64_t;

// How fast a Map Run finishes items, over the last seconds.
class RateMeter {
 public:
  void add(SteadyMs now, uint64_t done);
  // Items per second; 0 while unknown.
  double per_second() const;

 private:
  struct Sample {
    SteadyMs at;
    uint64_t done;
  };
  std::deque<Sample> samples_;
};

// Draws what an execution is doing: on a terminal one line a Map Run, redrawn in place; elsewhere a
// plain line now and then. One thread.
class ProgressView {
 public:
  ProgressView(std::FILE* out, const terminal::Terminal& terminal)
      : out_(out), terminal_(terminal) {}

  // `elapsed_ms` since the execution (or this process) started.
  void update(SteadyMs now, int64_t elapsed_ms, const std::vector<running::MapRunProgress>& runs);
  // Takes the lines off a terminal, so that the summary stands alone.
  void clear();

 private:
  void redraw(const std::vector<std::string>& lines);

  std::FILE* out_;
  terminal::Terminal terminal_;
  std::map<uint64_t, RateMeter> meters_;
  size_t drawn_ = 0;
  SteadyMs plain_at_ = 0;
  bool plain_started_ = false;
};

// One line about a Map Run: as wide as the terminal, with a bar, or plain words.
std::string progress_line(const running::MapRunProgress& run, double rate,
                          const terminal::Terminal& terminal);
std::string plain_progress(const running::MapRunProgress& run, double rate);

}  // namespace weft::cli
