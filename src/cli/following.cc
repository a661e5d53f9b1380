#include "cli/following.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/data_directory.h"
#include "cli/progress.h"
#include "cli/wait_notes.h"
#include "server/interrupts.h"
#include "terminal/terminal.h"

namespace weft::cli {
namespace {

using history::ExecutionStatus;

// How often a terminal is redrawn.
constexpr int64_t kRedrawMs = 100;
constexpr int64_t kMapRunEndMs = 10'000;

SteadyMs steady_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// An execution that was stopped is closed before its Map Runs are: they still abort their children.
// Nothing is lost when that takes longer (the next start goes on with it), so the wait is bounded.
void wait_for_map_runs(const running::Host& host, const std::string& arn) {
  const SteadyMs deadline = steady_now() + kMapRunEndMs;
  const auto key = host.query().find_execution(arn);
  while (key && steady_now() < deadline) {
    const auto runs = host.query().map_runs(*key);
    if (!runs || std::ranges::none_of(*runs, [](const records::MapRunRecord& run) {
          return run.status == records::MapRunStatus::kRunning;
        })) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

int exit_status(ExecutionStatus status) {
  switch (status) {
    case ExecutionStatus::kSucceeded:
      return 0;
    case ExecutionStatus::kTimedOut:
      return 3;
    case ExecutionStatus::kAborted:
      return 130;
    default:
      return 1;
  }
}

base::Result<std::vector<std::string>> open_executions(const reading::Query& query) {
  auto page = query.executions("", ExecutionStatus::kRunning, 1000, "");
  if (!page) return std::unexpected(page.error());
  std::vector<std::string> arns;
  std::vector<std::string> nested;
  for (reading::ExecutionItem& row : page->rows) {
    const auto imported = query.is_imported(row.key);
    if (!imported) return std::unexpected(imported.error());
    if (!*imported) (is_nested(query, row.key) ? nested : arns).push_back(std::move(row.arn));
  }
  arns.insert(arns.end(), std::move_iterator(nested.begin()), std::move_iterator(nested.end()));
  return arns;
}

void follow(running::Host& host, const std::string& url, const std::string& arn,
            const std::vector<std::string>& others, bool quiet) {
  const terminal::Terminal terminal = terminal::Terminal::of(stderr);
  ProgressView view(stderr, terminal);
  WaitNotes notes(url);
  const SteadyMs start = steady_now();
  bool stopping = false;
  while (!host.wait(arn, kRedrawMs)) {
    if (!quiet) {
      for (const std::string& note : notes.fresh(host.waiting_tasks(arn))) {
        view.clear();
        fmt::print(stderr, "{}\n", note);
      }
      view.update(steady_now(), steady_now() - start, host.progress(arn));
    }
    if (server::Interrupts::count() == 0 || std::exchange(stopping, true)) continue;
    if (!quiet) view.clear();
    fmt::print(stderr, "Stopping the execution; Ctrl-C again ends weft at once.\n");
    for (const std::string& other : others)
      (void)host.stop_execution(other, "Interrupted", "Stopped with Ctrl-C");
    (void)host.stop_execution(arn, "Interrupted", "Stopped with Ctrl-C");
  }
  if (!quiet) view.clear();
  wait_for_map_runs(host, arn);
}

uint64_t finish_telemetry(server::Server& server) {
  const uint64_t at_end = server.telemetry_counts().spans;
  server.wait_for_spans();
  server.end_functions();
  for (const std::string& warning : server.finish_exports()) {
    terminal::say(stderr, "weft: warning: " + warning);
  }
  return at_end;
}

}  // namespace weft::cli
