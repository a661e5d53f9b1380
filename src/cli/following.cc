#include "cli/following.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/data_directory.h"
#include "cli/definition_file.h"
#include "cli/progress.h"
#include "cli/wait_notes.h"
#include "integrations/lambda/function_pool.h"
#include "server/interrupts.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {
namespace {

constexpr size_t kHeldShownMax = 10;

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

// Calls that no outcome is waited for, once nothing runs any more: those with InvocationType Event.
uint64_t open_calls(const server::Server& server) {
  uint64_t open = 0;
  for (const lambda::FunctionStatus& function : server.functions().status())
    open += function.queued + function.busy;
  return open;
}

// They belong to what ran: AWS makes them after the execution has ended, too. How long each may
// take is its function's timeout.
void finish_calls(const server::Server& server) {
  const SteadyMs noted = steady_now() + kRedrawMs;
  bool told = false;
  uint64_t open = open_calls(server);
  while (open > 0 && server::Interrupts::count() == 0) {
    if (!told && steady_now() > noted) {
      told = true;
      terminal::say(stderr, fmt::format("Waiting for {} with InvocationType Event; Ctrl-C gives up",
                                        terminal::counted(open, "call")));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    open = open_calls(server);
  }
  warn_of_open_calls(server);
}

}  // namespace

void warn_of_open_calls(const server::Server& server) {
  const uint64_t open = open_calls(server);
  if (open == 0) return;
  terminal::say(stderr, fmt::format("weft: warning: {} had not ended: they are not made again",
                                    terminal::counted(open, "function call")));
}

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
    const std::string cause(server::Interrupts::cause());
    for (const std::string& other : others) (void)host.stop_execution(other, "Interrupted", cause);
    (void)host.stop_execution(arn, "Interrupted", cause);
  }
  if (!quiet) view.clear();
  wait_for_map_runs(host, arn);
}

uint64_t finish_telemetry(server::Server& server) {
  finish_calls(server);
  const uint64_t at_end = server.telemetry_counts().spans;
  server.wait_for_spans();
  server.end_functions();
  for (const std::string& warning : server.finish_exports()) {
    terminal::say(stderr, "weft: warning: " + warning);
  }
  return at_end;
}

base::Result<void> go_on(server::Server& server, const server::ServeOptions& options) {
  auto started = server.start(
      [options](const asl::Program& program) { return check_needs_of_open(program, options); });
  if (!started) return started;
  const auto& held = server.host().held();
  for (size_t i = 0; i < held.size() && i < kHeldShownMax; ++i) {
    terminal::say(stderr,
                  fmt::format("weft: note: {} is open and waits. {}", held[i].arn, held[i].needs));
  }
  if (held.size() > kHeldShownMax) {
    terminal::say(stderr, fmt::format("weft: note: ... and {} more wait",
                                      terminal::counted(held.size() - kHeldShownMax, "execution")));
  }
  return {};
}

}  // namespace weft::cli
