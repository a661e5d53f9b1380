#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/page/page.h"
#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/following.h"
#include "cli/watch.h"
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

void print_banner(const server::ServeOptions& options, const Definitions& definitions,
                  const std::string& url) {
  std::set<std::string> machines;
  for (const DefinitionFile& file : definitions.files) machines.insert(file.machine_name);
  terminal::say(stdout,
                fmt::format("Weft is ready: Step Functions, Lambda and S3 at {}, data in {}", url,
                            options.data_directory));
  fmt::print("  page       {}{}\n", url, api::kPagePath);
  const auto terminal = terminal::Terminal::of(stdout);
  for (const auto& [label, names] :
       {std::pair{"functions", function_names(options)},
        std::pair{"buckets", bucket_names(options)}, std::pair{"machines", machines}}) {
    if (names.empty() && std::string_view(label) == "machines") continue;  // of the API alone
    const std::string shown = terminal::single_line(names_of(names));
    fmt::print("  {:<10} {}\n", label, terminal::wrapped(shown, terminal.room(), 13, 13));
  }
  for (const auto& [folder, why] : folders_of_buckets(options).others) {
    const std::string said =
        terminal::single_line(fmt::format("{}/{}: {}", options.buckets_home, folder, why));
    fmt::print("  no bucket  {}\n", terminal::wrapped(said, terminal.room(), 13, 13));
  }
  // Any credentials do; a region is asked for by the client.
  fmt::print("  try        {}\n",
             terminal::command_lines("aws stepfunctions list-state-machines --region us-east-1 "
                                     "--endpoint-url " +
                                         url,
                                     terminal.room(), 13));
}

RunFlags definition_flags(const ServeFlags& flags) {
  RunFlags run;
  run.runtime = flags.runtime;
  run.definition = flags.definition;
  run.resource = flags.resource;
  run.substitutes = flags.substitutes;
  run.machines = flags.machines;
  run.type = flags.type;
  run.every_machine = true;
  run.json = flags.json;
  return run;
}

}  // namespace

base::Result<int> serve_command(const ServeFlags& flags) {
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  const RunFlags run = definition_flags(flags);
  const auto definitions = load_definitions(run, *options);
  if (!definitions) return std::unexpected(definitions.error());
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
  if (const std::string missing = missing_activities((*server)->query(), *definitions);
      !missing.empty())
    terminal::say(stderr, "weft: warning: " + missing);
  if (auto put = put_machines((*server)->host(), *definitions); !put)
    return std::unexpected(put.error());
  std::unique_ptr<Watch> watch;
  if (flags.watch) {
    auto watching = Watch::start(**server, run, *options, *definitions);
    if (!watching) return std::unexpected(watching.error());
    watch = std::move(*watching);
  }
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
    print_banner(*options, *definitions, url);
  }
  std::fflush(stdout);
  server::Interrupts::wait();
  watch.reset();
  warn_of_open_calls(**server);
  (*server)->end_functions();
  for (const std::string& warning : (*server)->finish_exports()) {
    terminal::say(stderr, "weft: warning: " + warning);
  }
  return 0;
}

}  // namespace weft::cli
