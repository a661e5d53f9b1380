#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "api/page/page.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "cli/summary.h"
#include "cli/validate.h"
#include "cli/wait_notes.h"
#include "integrations/registry.h"
#include "json/parse.h"
#include "server/interrupts.h"
#include "server/server.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionStatus;

// How often a terminal is redrawn.
constexpr int64_t kRedrawMs = 100;
constexpr int64_t kMapRunEndMs = 10'000;
// Nobody checks roles here; AWS's form asks for one.
constexpr const char* kRoleArn = "arn:aws:iam::000000000000:role/weft";

SteadyMs steady_now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
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

// `--input JSON` or `--input @FILE`.
base::Result<base::Text> read_input(const std::string& flag) {
  std::string text = flag;
  if (flag.starts_with('@')) {
    auto file = read_file(flag.substr(1));
    if (!file) return fail(file.error().code, "--input: " + file.error().message);
    text = std::move(*file);
  }
  json::Arena arena;
  if (auto parsed = json::parse(text, arena); !parsed) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--input is not JSON: {}", parsed.error().message));
  }
  return base::Text(std::move(text));
}

// The definitions of one run: the state machine that is started, then those that its tasks may
// start, and the names of state machines that they do start.
struct Definitions {
  std::vector<DefinitionFile> files;
  std::set<std::string> started;
  std::map<std::string, std::string> missing;  // functions of the template that cannot run: why
};

// Checks a definition; prints its findings as `weft validate` does.
base::Result<void> add_definition(DefinitionFile file, const server::ServeOptions& options,
                                  Definitions& all) {
  const DefinitionFindings findings = check_definition(file.definition, file.express);
  if (!findings.all.empty()) {
    fmt::print(stderr, "{}",
               format_definition_findings(file.path, findings, terminal::Terminal::of(stderr)));
  }
  const auto compiled = asl::compile(
      file.text, {.express = file.express, .unavailable = integrations::why_unavailable});
  if (!compiled.program)
    return fail(ErrorCode::kInvalidArgument, file.path + " is no valid state machine definition");
  Needs needs = needs_of(*compiled.program);
  for (const std::string& name : needs.functions) {
    const auto why = all.missing.find(name);
    if (why != all.missing.end()) return fail(ErrorCode::kInvalidArgument, why->second);
  }
  if (auto met = check_needs(needs, function_names(options), bucket_names(options)); !met)
    return met;
  all.started.merge(needs.machines);
  all.files.push_back(std::move(file));
  return {};
}

// The state machine that is started and, of a template, those that it starts, and those start in
// turn.
base::Result<void> add_main(const RunFlags& flags, const definitions::Substitutions& substitutions,
                            server::ServeOptions& options, Definitions& all) {
  auto project = open_project(flags, substitutions, options);
  if (!project) return std::unexpected(project.error());
  if (!*project) {
    auto main = read_definition_file(flags.definition, substitutions);
    if (!main) return std::unexpected(main.error());
    return add_definition(std::move(*main), options, all);
  }
  Project& template_project = **project;
  all.missing = std::move(template_project.missing);
  if (auto added = add_definition(std::move(template_project.main), options, all); !added)
    return added;
  for (bool more = true; std::exchange(more, false);) {
    for (const std::string& name : std::set<std::string>(all.started)) {
      auto other = template_project.others.extract(name);
      if (other.empty()) continue;
      more = true;
      if (auto added = add_definition(std::move(other.mapped()), options, all); !added)
        return added;
    }
  }
  return {};
}

base::Result<Definitions> load_definitions(const RunFlags& flags, server::ServeOptions& options) {
  Definitions all;
  auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  if (auto added = add_main(flags, *substitutions, options, all); !added)
    return std::unexpected(added.error());
  for (const std::string& flag : flags.machines) {
    auto file = read_named_definition(flag, *substitutions);
    if (!file) return fail(file.error().code, "--state-machine: " + file.error().message);
    const bool twice = std::ranges::any_of(all.files, [&](const DefinitionFile& other) {
      return other.machine_name == file->machine_name;
    });
    if (twice) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("--state-machine {}: there is another state machine '{}'; name one of "
                      "them with NAME=FILE",
                      flag, file->machine_name));
    }
    if (auto added = add_definition(std::move(*file), options, all); !added)
      return std::unexpected(added.error());
  }
  return all;
}

std::string resume_hint(const std::string& data_directory) {
  return fmt::format(
      "`weft run --resume --data {}` with the same --function and --bucket flags goes on with it",
      data_directory);
}

// A name may be used once for a machine.
base::Result<void> check_name_is_free(const reading::Query& query, const DefinitionFile& file,
                                      const RunFlags& flags) {
  if (flags.name.empty()) return {};
  if (auto valid = arn::check_name(flags.name); !valid)
    return fail(ErrorCode::kInvalidArgument, "--name: " + valid.error().message);
  const auto known =
      query.execution(arn::execution_arn(query.identity(), file.machine_name, flags.name));
  if (!known) return {};
  const std::string& data = flags.runtime.data_directory;
  if (known->status == ExecutionStatus::kRunning) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The execution '{}' is still open in {}: {}", flags.name, data,
                            resume_hint(data)));
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} already holds an execution '{}' ({}): choose another --name", data,
                          flags.name, history::to_string(known->status)));
}

// ARNs of the open top-level executions that run here, newest first, those that others started
// after them.
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

// Makes the state machine of this definition; one of the same name with another definition gives
// way (its executions keep the definition they started with).
base::Result<std::string> put_machine(running::Host& host, const DefinitionFile& file) {
  const running::CreateStateMachine request{.name = file.machine_name,
                                            .definition = file.text,
                                            .role_arn = kRoleArn,
                                            .express = file.express};
  auto created = host.create_state_machine(request);
  if (!created && created.error().code == ErrorCode::kStateMachineAlreadyExists) {
    auto removed =
        host.delete_state_machine(arn::machine_arn(host.query().identity(), file.machine_name));
    if (!removed) return std::unexpected(removed.error());
    created = host.create_state_machine(request);
  }
  if (!created) return std::unexpected(created.error());
  return created->arn;
}

// Makes all of them; the ARN of the first. What they start must be there then.
base::Result<std::string> put_machines(running::Host& host, const Definitions& definitions) {
  std::string first;
  for (const DefinitionFile& file : definitions.files) {
    auto arn = put_machine(host, file);
    if (!arn) return arn;
    if (first.empty()) first = std::move(*arn);
  }
  for (const std::string& name : definitions.started) {
    if (host.query().machine(arn::machine_arn(host.query().identity(), name))) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The definition starts the state machine '{0}', which was not given: "
                            "add --state-machine {0}=FILE",
                            name));
  }
  return first;
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

// Shows progress until the execution has ended; stops it (and `others`) when the user interrupts.
// `url`: of the API.
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

// An execution that started others without waiting for them leaves them open: they are part of the
// run, too. `before` were open already.
void follow_started(running::Host& host, const std::string& url,
                    const std::vector<std::string>& before, bool quiet) {
  while (true) {
    auto open = open_executions(host.query());
    if (!open) return;
    std::erase_if(*open, [&](const std::string& arn) {
      return std::ranges::find(before, arn) != before.end();
    });
    if (open->empty()) return;
    if (!quiet) {
      fmt::print(stderr, "Waiting for {} that it started\n",
                 terminal::counted(open->size(), "execution"));
    }
    for (const std::string& arn : *open) follow(host, url, arn, *open, quiet);
  }
}

// `at_end`: spans that had come when the execution ended.
reading::TelemetrySummary telemetry_of(server::Server& server, uint64_t at_end) {
  server.host().settle();
  const telemetry::IntakeCounts counts = server.telemetry_counts();
  const running::LateTelemetry late = server.host().late_telemetry();
  return {.spans = counts.spans,
          .spans_after_end = counts.spans - std::min(counts.spans, at_end),
          .spans_dropped = counts.dropped,
          .spans_unknown = counts.unknown,
          .spans_late = late.spans,
          .log_lines = counts.printed_lines + counts.log_records,
          .log_lines_cut = counts.log_lines_cut,
          .log_lines_dropped = counts.log_lines_dropped,
          .log_lines_unknown = counts.log_lines_unknown,
          .log_lines_late = late.log_lines,
          .functions_killed = server.functions_killed()};
}

// `at_end`: see telemetry_of(); nothing when the execution did not run just now, on this server.
base::Result<int> report(server::Server& server, const std::string& arn, const RunFlags& flags,
                         std::optional<uint64_t> at_end) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.runtime.redact));
  if (!payloads) return std::unexpected(payloads.error());
  auto summary = reading::summarize(server.query(), arn, *payloads);
  if (!summary) return std::unexpected(summary.error());
  if (at_end) summary->telemetry = telemetry_of(server, *at_end);
  const std::string& data = flags.runtime.data_directory;
  if (flags.json) {
    terminal::print_json(summary_json(*summary, data));
  } else {
    fmt::print("{}", summary_text(*summary, terminal::Terminal::of(stdout), data));
  }
  std::fflush(stdout);
  return exit_status(summary->execution.status);
}

// Waits until functions have sent their spans and have ended, and the spans were pushed. How many
// had come before.
uint64_t finish_telemetry(server::Server& server) {
  const uint64_t at_end = server.telemetry_counts().spans;
  server.wait_for_spans();
  server.end_functions();
  for (const std::string& warning : server.finish_exports()) {
    terminal::say(stderr, "weft: warning: " + warning);
  }
  return at_end;
}

// Where the page shows an execution; its first page where a terminal would break that address.
std::string page_of(const server::Server& server, const std::string& arn, size_t room) {
  const std::string page = fmt::format("{}{}", server.url(), api::kPagePath);
  const std::string whole = fmt::format("{}exec/{}", page, arn);
  return whole.size() <= room ? whole : page;
}

// With --ui what ran stays to be looked at until someone interrupts.
void keep_serving(const server::Server& server, const std::string& arn, const RunFlags& flags) {
  if (!flags.ui || server::Interrupts::count() > 0) return;
  const size_t room = terminal::Terminal::of(stderr).room();
  terminal::say(stderr, fmt::format("The page stays at {} until Ctrl-C",
                                    page_of(server, arn, room - std::min<size_t>(room, 33))));
  server::Interrupts::wait();
}

void announce(const server::Server& server, const std::string& arn, const RunFlags& flags,
              size_t also_open) {
  const terminal::Terminal terminal = terminal::Terminal::of(stderr);
  const auto parts = arn::parse_states_arn(arn);
  const auto note = [&](const std::string& text) {
    fmt::print(
        stderr, "{}\n",
        "  " + terminal.dim(terminal::wrapped(terminal::single_line(text), terminal.room(), 2, 4)));
  };
  const std::string name = parts ? parts->name : "";
  const std::string title = terminal::cut_middle(
      parts ? parts->machine : arn,
      terminal.room() - std::min(terminal.room(), 10 + terminal::display_width(name)));
  fmt::print(stderr, "Running {}  {}\n", terminal.bold(title), terminal::single_line(name));
  note(fmt::format("data in {}, API and S3 at {}", flags.runtime.data_directory, server.url()));
  note("page at " + page_of(server, arn, terminal.room() - std::min<size_t>(terminal.room(), 10)));
  if (also_open == 0) return;
  note(fmt::format("{} of this data directory go{} on beside it",
                   terminal::counted(also_open, "more open execution"),
                   also_open == 1 ? "es" : ""));
}

// The flags must give what the open executions go on with.
base::Result<void> check_open_needs(const reading::Query& query,
                                    const std::vector<std::string>& arns,
                                    const server::ServeOptions& options) {
  for (const std::string& arn : arns) {
    auto key = query.find_execution(arn);
    if (!key) return std::unexpected(key.error());
    auto record = query.execution_record(*key);
    if (!record) return std::unexpected(record.error());
    auto definition = query.definition(record->definition_hash);
    if (!definition) return std::unexpected(definition.error());
    const auto compiled = asl::compile(*definition);
    if (!compiled.program) continue;
    auto met =
        check_needs(needs_of(*compiled.program), function_names(options), bucket_names(options));
    if (!met) return met;
  }
  return {};
}

base::Result<int> resume(server::Server& server, const server::ServeOptions& options,
                         const RunFlags& flags) {
  auto open = open_executions(server.query());
  if (!open) return std::unexpected(open.error());
  if (open->empty()) {
    auto newest = resolve_arn(server.query(), "latest");
    if (!newest)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} holds no execution to resume", flags.runtime.data_directory));
    fmt::print(stderr, "Nothing is open in {}; this is its newest execution.\n",
               flags.runtime.data_directory);
    return report(server, *newest, flags, std::nullopt);
  }
  if (auto met = check_open_needs(server.query(), *open, options); !met)
    return std::unexpected(met.error());
  if (auto started = server.start(); !started) return std::unexpected(started.error());
  if (!flags.json) announce(server, open->front(), flags, open->size() - 1);
  const std::vector<std::string> others(open->begin() + 1, open->end());
  follow(server.host(), server.url(), open->front(), others, flags.json);
  for (const std::string& other : others)
    follow(server.host(), server.url(), other, {}, flags.json);
  const uint64_t at_end = finish_telemetry(server);
  auto status = report(server, open->front(), flags, at_end);
  keep_serving(server, open->front(), flags);
  return status;
}

base::Result<int> run_new(server::Server& server, const Definitions& definitions,
                          const base::Text& input, const RunFlags& flags) {
  if (auto free = check_name_is_free(server.query(), definitions.files.front(), flags); !free)
    return std::unexpected(free.error());
  auto open = open_executions(server.query());
  if (!open) return std::unexpected(open.error());
  if (auto started = server.start(); !started) return std::unexpected(started.error());
  auto machine = put_machines(server.host(), definitions);
  if (!machine) return std::unexpected(machine.error());
  auto execution =
      server.host().start_execution({.machine_arn = *machine, .name = flags.name, .input = input});
  if (!execution) return std::unexpected(execution.error());
  if (!flags.json) announce(server, execution->arn, flags, open->size());
  follow(server.host(), server.url(), execution->arn, {}, flags.json);
  follow_started(server.host(), server.url(), *open, flags.json);
  const uint64_t at_end = finish_telemetry(server);
  auto status = report(server, execution->arn, flags, at_end);
  keep_serving(server, execution->arn, flags);
  return status;
}

}  // namespace

base::Result<int> run_command(const RunFlags& flags) {
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  if (flags.resume != flags.definition.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                flags.resume ? "--resume takes no definition: the open execution keeps its own"
                             : "weft run needs a definition file, or --resume");
  }
  server::Interrupts::install();
  if (flags.resume) {
    auto server = server::Server::open(*options);
    if (!server) return std::unexpected(server.error());
    return resume(**server, *options, flags);
  }
  auto input = read_input(flags.input);
  if (!input) return std::unexpected(input.error());
  auto definitions = load_definitions(flags, *options);
  if (!definitions) return std::unexpected(definitions.error());
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  return run_new(**server, *definitions, *input, flags);
}

}  // namespace weft::cli
