#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/page/page.h"
#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/following.h"
#include "server/interrupts.h"
#include "server/server.h"

namespace weft::cli {

using base::ErrorCode;
using base::fail;

namespace {

// Of so many functions or buckets the names are said.
constexpr size_t kNamed = 10;

std::string names_of(const std::set<std::string>& names) {
  if (names.empty()) return "none";
  if (names.size() <= kNamed) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::to_string(names.size());
}

void print_banner(const server::ServeOptions& options, const std::string& url) {
  terminal::say(stdout,
                fmt::format("Weft is ready: Step Functions, Lambda and S3 at {}, data in {}", url,
                            options.data_directory));
  fmt::print("  page       {}{}\n", url, api::kPagePath);
  const auto terminal = terminal::Terminal::of(stdout);
  for (const auto& [label, names] : {std::pair{"functions", function_names(options)},
                                     std::pair{"buckets", bucket_names(options)}}) {
    const std::string shown = terminal::single_line(names_of(names));
    fmt::print("  {:<10} {}\n", label, terminal::wrapped(shown, terminal.room(), 13, 13));
  }
  // Any credentials do; a region is asked for by the client.
  fmt::print("  try        {}\n",
             terminal::command_lines("aws stepfunctions list-state-machines --region us-east-1 "
                                     "--endpoint-url " +
                                         url,
                                     terminal.room(), 13));
}

}  // namespace

base::Result<int> serve_command(const ServeFlags& flags) {
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  if (!server::is_loopback(options->address)) {
    terminal::say(
        stderr, fmt::format("weft: warning: {} can be reached from other machines, and nothing is "
                            "authenticated: whoever reaches the port runs state machines and "
                            "reads and writes the buckets",
                            options->address));
  }
  options->reads_on_when_damaged = true;
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  if (auto started = go_on(**server, *options); !started) return std::unexpected(started.error());
  if (!flags.port_file.empty()) {
    std::ofstream file(flags.port_file);
    file << (*server)->port() << '\n';
    if (!file.flush())
      return fail(ErrorCode::kIo, fmt::format("Cannot write the port to {}", flags.port_file));
  }
  const std::string& url = (*server)->url();
  if (flags.json) {
    json::Arena arena;
    fmt::print("{}\n", aws::Answer(arena)
                           .text("url", url)
                           .number("port", (*server)->port())
                           .text("data", options->data_directory)
                           .text("page", url + std::string(api::kPagePath))
                           .to_text());
  } else {
    print_banner(*options, url);
  }
  std::fflush(stdout);
  server::Interrupts::wait();
  warn_of_open_calls(**server);
  (*server)->end_functions();
  for (const std::string& warning : (*server)->finish_exports()) {
    terminal::say(stderr, "weft: warning: " + warning);
  }
  return 0;
}

}  // namespace weft::cli
