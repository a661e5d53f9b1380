#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "api/page/page.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/definitions.h"
#include "cli/following.h"
#include "cli/page_server.h"
#include "cli/settings.h"
#include "cli/summary.h"
#include "json/parse.h"
#include "json/write.h"
#include "records/content_hash.h"
#include "server/interrupts.h"
#include "server/server.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionStatus;

std::string resume_hint(const RunFlags& flags) {
  const std::string where = where_text(flags.runtime.data_directory);
  const std::string& file = flags.runtime.settings_file;
  if (file.empty()) {
    return fmt::format(
        "`weft run --resume{}` with the same --function and --bucket flags goes on with it", where);
  }
  const bool found = std::filesystem::path(file).filename() == kSettingsFile;
  return fmt::format("`weft run {} --resume{}{}` goes on with it",
                     terminal::shell_word(flags.definition),
                     found ? "" : " --config " + terminal::shell_word(file), where);
}

// A name may be used once for a machine, but an Express one.
base::Result<void> check_name_is_free(const reading::Query& query, const DefinitionFile& file,
                                      const RunFlags& flags) {
  if (flags.name.empty()) return {};
  if (auto valid = arn::check_name(flags.name); !valid)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--name: {}: expected 1 to 80 characters, none of them blanks, control "
                            "characters or one of ? * < > {{ }} [ ] \" # % \\ ^ | ~ ` $ & , ; : /",
                            valid.error().message));
  if (file.express) return {};
  const auto known =
      query.execution(arn::execution_arn(query.identity(), file.machine_name, flags.name));
  if (!known) return {};
  const std::string& data = flags.runtime.data_directory;
  if (known->status == ExecutionStatus::kRunning) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The execution '{}' is still open in {}: {}", flags.name, data,
                            resume_hint(flags)));
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} already holds an execution '{}' ({}): choose another --name", data,
                          flags.name, history::to_string(known->status)));
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
  server.host().await_effects();
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

// Where the page shows an execution; its first page where a terminal would break that address.
std::string page_of(const server::Server& server, const std::string& arn, size_t room) {
  const std::string page = fmt::format("{}{}", server.url(), api::kPagePath);
  const std::string whole = fmt::format("{}exec/{}", page, arn);
  return whole.size() <= room ? whole : page;
}

// A Map Run's columns are written as soon as it has ended, by a thread that gives way to all
// others. So that what looks at the run later begins at once, `weft run` does not end before that.
void finish_columns(server::Server& server, const RunFlags& flags) {
  constexpr std::chrono::seconds kLongest{10};
  constexpr std::chrono::milliseconds kLook{100};
  const auto end = std::chrono::steady_clock::now() + kLongest;
  while (!server.wait_for_columns(std::chrono::steady_clock::now() + kLook)) {
    if (server::Interrupts::count() > 0) return;
    if (std::chrono::steady_clock::now() < end) continue;
    if (!flags.json)
      terminal::say(stderr,
                    "weft: note: the columns of a large Map Run were not written within 10 s: who "
                    "looks at it first reads its rows, which takes a moment longer");
    return;
  }
}

// With --ui what ran stays to be looked at until someone interrupts.
void keep_serving(const server::Server& server, const std::string& arn, const RunFlags& flags) {
  if (!flags.ui || server::Interrupts::count() > 0) return;
  const size_t room = terminal::Terminal::of(stderr).room();
  terminal::say(stderr, fmt::format("The page stays at {} until Ctrl-C",
                                    page_of(server, arn, room - std::min<size_t>(room, 33))));
  open_browser(page_of(server, arn, SIZE_MAX));
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
  if (const std::string& file = flags.runtime.settings_file; !file.empty())
    note("settings of " + file);
  note("page at " + page_of(server, arn, terminal.room() - std::min<size_t>(terminal.room(), 10)));
  if (also_open == 0) return;
  note(fmt::format("{} of this data directory go{} on beside it",
                   terminal::counted(also_open, "more open execution"),
                   also_open == 1 ? "es" : ""));
}

// The flags must give what the open executions go on with.
base::Result<void> check_open_needs(const reading::Query& query,
                                    const std::vector<std::string>& arns,
                                    const server::ServeOptions& options,
                                    const std::map<std::string, std::string>& missing = {}) {
  for (const std::string& arn : arns) {
    auto key = query.find_execution(arn);
    if (!key) return std::unexpected(key.error());
    auto record = query.execution_record(*key);
    if (!record) return std::unexpected(record.error());
    auto definition = query.definition(record->definition_hash);
    if (!definition) return std::unexpected(definition.error());
    const auto compiled = asl::compile(*definition);
    if (!compiled.program) continue;
    const Needs needs = needs_of(*compiled.program);
    for (const std::string& name : needs.functions) {
      const auto why = missing.find(name);
      if (why != missing.end()) return fail(ErrorCode::kInvalidArgument, why->second);
    }
    if (auto met = check_needs_of_open(*compiled.program, options); !met) return met;
  }
  return {};
}

// What an execution began with stays: an input or a name that says otherwise is not passed over.
base::Result<void> check_began_with(const reading::Query& query, const std::string& arn,
                                    const RunFlags& flags) {
  if (!flags.name.empty() && arn::execution_name_of(arn) != flags.name) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--name {}: what --resume goes on with is {}; leave --name out",
                            flags.name, arn));
  }
  if (!flags.input_given) return {};
  auto given = read_json_flag("--input", flags.input);
  if (!given) return std::unexpected(given.error());
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  json::Arena arena;
  const auto before = json::parse(view->input.view(), arena);
  const auto now = json::parse(given->view(), arena);
  if (before && now && json::to_text(*before) == json::to_text(*now)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--input: {} began with another input, and goes on with that; leave "
                          "--input out",
                          arn));
}

// Reports the newest execution, of `file`'s state machine when there is a file: nothing is open.
base::Result<int> report_newest(server::Server& server, const std::optional<DefinitionFile>& file,
                                const RunFlags& flags) {
  const std::string& data = flags.runtime.data_directory;
  std::string newest;
  if (file) {
    const std::string machine = arn::machine_arn(server.query().identity(), file->machine_name);
    auto page = server.query().executions(machine, std::nullopt, 1, "");
    if (!page) return std::unexpected(page.error());
    if (!page->rows.empty()) newest = page->rows.front().arn;
  } else if (auto latest = resolve_arn(server.query(), "latest"); latest) {
    newest = std::move(*latest);
  }
  const std::string of = file ? fmt::format(" of '{}'", file->machine_name) : "";
  if (newest.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds no execution{} to resume", data, of));
  }
  if (auto same = check_began_with(server.query(), newest, flags); !same)
    return std::unexpected(same.error());
  fmt::print(stderr, "Nothing{} is open in {}; this is its newest execution.\n", of, data);
  return report(server, newest, flags, std::nullopt);
}

// Puts the executions of the file's state machine first; false when none is among them. Says so
// when the file is not what the first began with: it keeps its own definition.
base::Result<bool> put_first(const reading::Query& query, const DefinitionFile& file,
                             std::vector<std::string>& open) {
  std::vector<std::string> others;
  std::vector<std::string> wanted;
  for (std::string& one : open) {
    const bool same = arn::machine_name_of(arn::arn_parts(one).machine) == file.machine_name;
    (same ? wanted : others).push_back(std::move(one));
  }
  const bool found = !wanted.empty();
  open = std::move(wanted);
  open.insert(open.end(), std::move_iterator(others.begin()), std::move_iterator(others.end()));
  if (!found) return false;
  auto key = query.find_execution(open.front());
  if (!key) return std::unexpected(key.error());
  auto record = query.execution_record(*key);
  if (!record) return std::unexpected(record.error());
  if (record->definition_hash != records::content_hash(file.text.view())) {
    fmt::print(stderr,
               "weft: note: {} has changed since; the execution goes on with the definition it "
               "began with\n",
               file.path);
  }
  return true;
}

base::Result<int> resume(server::Server& server, const server::ServeOptions& options,
                         const std::optional<DefinitionFile>& file, const RunFlags& flags) {
  auto open = open_executions(server.query());
  if (!open) return std::unexpected(open.error());
  if (file && !open->empty()) {
    const auto found = put_first(server.query(), *file, *open);
    if (!found) return std::unexpected(found.error());
    if (!*found) open->clear();
  }
  if (open->empty()) return report_newest(server, file, flags);
  if (auto same = check_began_with(server.query(), open->front(), flags); !same)
    return std::unexpected(same.error());
  if (auto met = check_open_needs(server.query(), *open, options); !met)
    return std::unexpected(met.error());
  if (auto started = go_on(server, options); !started) return std::unexpected(started.error());
  if (!flags.json) announce(server, open->front(), flags, open->size() - 1);
  const std::vector<std::string> others(open->begin() + 1, open->end());
  follow(server.host(), server.url(), open->front(), others, flags.json);
  for (const std::string& other : others)
    follow(server.host(), server.url(), other, {}, flags.json);
  const uint64_t at_end = finish_telemetry(server);
  auto status = report(server, open->front(), flags, at_end);
  keep_serving(server, open->front(), flags);
  finish_columns(server, flags);
  return status;
}

// The execution that the command names; its flags must give what it goes on with.
// `missing`: functions of the template that cannot run here, and why.
base::Result<int> redrive(server::Server& server, const server::ServeOptions& options,
                          const std::map<std::string, std::string>& missing,
                          const RedriveFlags& redriven) {
  const RunFlags& flags = redriven.run;
  auto arn = resolve_arn(server.query(), redriven.execution);
  if (!arn) return std::unexpected(arn.error());
  if (arn::arn_parts(*arn).kind == "mapRun") {  // by the execution that it belongs to
    auto run = server.query().map_run(*arn);
    if (!run) return std::unexpected(run.error());
    *arn = run->execution_arn;
  }
  auto open = open_executions(server.query());
  if (!open) return std::unexpected(open.error());
  std::vector<std::string> needed = *open;
  needed.push_back(*arn);
  if (auto met = check_open_needs(server.query(), needed, options, missing); !met)
    return std::unexpected(met.error());
  if (auto started = server.start(); !started) return std::unexpected(started.error());
  if (auto again = server.host().redrive_execution(*arn, ""); !again) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} cannot be redriven: {}", *arn, again.error().message));
  }
  if (!flags.json) announce(server, *arn, flags, open->size());
  follow(server.host(), server.url(), *arn, {}, flags.json);
  follow_started(server.host(), server.url(), *open, flags.json);
  const uint64_t at_end = finish_telemetry(server);
  auto status = report(server, *arn, flags, at_end);
  keep_serving(server, *arn, flags);
  finish_columns(server, flags);
  return status;
}

base::Result<int> run_new(server::Server& server, const server::ServeOptions& options,
                          const Definitions& definitions, const base::Text& input,
                          const RunFlags& flags) {
  if (auto free = check_name_is_free(server.query(), definitions.files.front(), flags); !free)
    return std::unexpected(free.error());
  if (std::string missing = missing_activities(server.query(), definitions); !missing.empty())
    return fail(ErrorCode::kInvalidArgument, std::move(missing));
  auto open = open_executions(server.query());
  if (!open) return std::unexpected(open.error());
  if (auto started = go_on(server, options); !started) return std::unexpected(started.error());
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
  finish_columns(server, flags);
  return status;
}

}  // namespace

base::Result<int> run_command(const RunFlags& flags) {
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  if (!flags.resume && flags.definition.empty()) {
    return fail(ErrorCode::kInvalidArgument, "weft run needs a definition file, or --resume");
  }
  server::Interrupts::install();
  if (flags.resume) {
    if (auto holds = check_holds_executions(options->data_directory); !holds)
      return std::unexpected(holds.error());
    std::optional<DefinitionFile> file;
    if (!flags.definition.empty()) {
      auto read = find_main(flags, *options);
      if (!read) return std::unexpected(read.error());
      file = std::move(*read);
    }
    auto server = server::Server::open(*options);
    if (!server) return std::unexpected(server.error());
    return resume(**server, *options, file, flags);
  }
  auto input = read_json_flag("--input", flags.input);
  if (!input) return std::unexpected(input.error());
  auto definitions = load_definitions(flags, *options);
  if (!definitions) return std::unexpected(definitions.error());
  // It may be for other functions, which call it by Lambda's API.
  const Uncalled other = uncalled_function(*definitions, flags.runtime.functions);
  if (!other.sentence.empty())
    terminal::say(stderr, "weft: warning: --function: " + other.sentence);
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  return run_new(**server, *options, *definitions, *input, flags);
}

base::Result<int> redrive_command(const RedriveFlags& flags) {
  auto options = serve_options(flags.run.runtime);
  if (!options) return std::unexpected(options.error());
  if (auto holds = check_holds_executions(options->data_directory); !holds)
    return std::unexpected(holds.error());
  const auto missing = add_template(flags.project, options->data_directory, *options);
  if (!missing) return std::unexpected(missing.error());
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  return redrive(**server, *options, *missing, flags);
}

}  // namespace weft::cli
