#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/comparison.h"
#include "arn/arn.h"
#include "aws/json_protocol.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/diff.h"
#include "cli/following.h"
#include "cli/project.h"
#include "json/write.h"
#include "reading/compare.h"
#include "reading/recorded.h"
#include "server/interrupts.h"
#include "server/server.h"
#include "terminal/shell_word.h"
#include "trace/error_text.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::format_duration_us;
using reading::ComparedExecution;
using reading::Comparison;
using reading::Recorded;
using reading::StateVisits;

void take_text(DefinitionFile& definition, std::string text) {
  definition.text = base::Text(text);
  definition.definition = {.json = definitions::file_source(definition.path, std::move(text))};
}

// Of the file, or the template that it is: then with its functions and buckets.
base::Result<DefinitionFile> given_definition(const Recorded& recorded, const ReplayFlags& flags,
                                              server::ServeOptions& options,
                                              Definitions& definitions) {
  RunFlags run;
  run.definition = flags.definition;
  run.resource = flags.resource;
  run.preferred = recorded.machine_name;
  run.json = flags.read.json;
  auto substitutions = read_substitutions(flags.project.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  auto project = open_project(run, *substitutions, options);
  if (!project) return std::unexpected(project.error());
  if (*project) definitions.missing.merge((*project)->missing);
  auto read = *project ? base::Result<DefinitionFile>(std::move((*project)->main))
                       : read_definition_file(flags.definition, *substitutions);
  if (read) read->machine_name = recorded.machine_name;
  return read;
}

// What was recorded.
base::Result<DefinitionFile> recorded_definition(const reading::Query& query,
                                                 const Recorded& recorded) {
  const auto unknown = [&] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The definition of {} is not known, as of one that was imported "
                            "without: name it with --definition FILE",
                            recorded.view.name));
  };
  if (recorded.definition_hash.empty()) return unknown();
  auto text = query.definition(recorded.definition_hash);
  if (!text || text->is_null() || text->view().empty()) return unknown();
  DefinitionFile definition{.path = "the recorded definition",
                            .machine_name = recorded.machine_name};
  take_text(definition, text->str());
  return definition;
}

// Stops what a replay that was killed left open here: nobody waits for it.
base::Result<void> stop_left_open(running::Host& host) {
  auto open = open_executions(host.query());
  if (!open) return std::unexpected(open.error());
  for (const std::string& arn : *open)
    (void)host.stop_execution(arn, "Interrupted", "Another replay began");
  return {};
}

// The table of both sides, and the differences of texts.
class Report {
 public:
  Report(const Comparison& compared, const trace::Redactor& payloads,
         const terminal::Terminal& terminal)
      : compared_(compared), payloads_(payloads), terminal_(terminal) {}

  std::string draw() {
    const ComparedExecution& was = compared_.before;
    const ComparedExecution& is = compared_.after;
    heading();
    row("status", std::string(history::to_string(was.view.status)),
        std::string(history::to_string(is.view.status)));
    row("error", was.view.error.value_or("-"), is.view.error.value_or("-"));
    row("duration", time_of(was.duration_us), time_of(is.duration_us), false);
    row("in functions", time_of(was.run_us), time_of(is.run_us), false);
    row("queue", time_of(was.queued_us), time_of(is.queued_us), false);
    row("cold starts", cold_of(was), cold_of(is), false);
    row("calls", fmt::to_string(was.calls), fmt::to_string(is.calls));
    row("events", fmt::to_string(was.events.size()), fmt::to_string(is.events.size()));
    states();
    texts("cause", cause_of(was), cause_of(is));
    texts("output", payload_of(was), payload_of(is));
    texts("events", fmt::format("{}\n", fmt::join(was.events, "\n")),
          fmt::format("{}\n", fmt::join(is.events, "\n")));
    out_ += compared_.differs() ? "\n" : "\nNothing differs but times, and ids made anew.\n";
    return std::move(out_);
  }

 private:
  static constexpr size_t kLabel = 16;
  static constexpr size_t kSide = 26;

  static std::string time_of(int64_t us) { return us > 0 ? format_duration_us(us) : "-"; }
  static std::string cold_of(const ComparedExecution& side) {
    if (side.cold_starts == 0) return "-";
    return fmt::format("{}, {}", side.cold_starts, format_duration_us(side.init_us));
  }
  std::string payload_of(const ComparedExecution& side) const {
    if (side.view.output.is_null()) return "";
    return reading::stable_text(reading::indented(payloads_.uncut(side.view.output.view()))) + "\n";
  }

  // What it says, without the stack: that differs with where the function lies.
  std::string cause_of(const ComparedExecution& side) const {
    const std::string message =
        reading::stable_text(trace::error_text(side.view.cause.value_or("")).message);
    return message.empty() ? "" : payloads_.clean(message) + "\n";
  }

  void heading() {
    out_ += terminal_.dim(fmt::format("{}{}replayed", terminal::fit("", kLabel),
                                      terminal::fit("recorded", kSide))) +
            "\n";
  }

  // `counts`: a difference here is one of the execution, not of the machine's mood.
  void row(std::string_view label, const std::string& was, const std::string& is,
           bool counts = true) {
    if (was == "-" && is == "-") return;
    const std::string left = terminal::fit(terminal::single_line(was), kSide);
    const size_t indent = kLabel + kSide;
    const std::string right =
        terminal::wrapped(terminal::single_line(is), terminal_.room(), indent, indent);
    out_ += terminal_.dim(terminal::fit(label, kLabel)) + left +
            (counts && was != is ? terminal_.bold(right) : right) + "\n";
  }

  static std::string visits(const StateVisits* state) {
    if (state == nullptr) return "not entered";
    std::string text = format_duration_us(state->total_us);
    if (state->count > 1) text = fmt::format("{} x, {}", state->count, text);
    if (state->failed > 0) text += fmt::format(", {} failed", state->failed);
    return text;
  }

  static const StateVisits* find(const ComparedExecution& side, const std::string& name) {
    for (const StateVisits& state : side.states) {
      if (state.name == name) return &state;
    }
    return nullptr;
  }

  void states() {
    out_ += "\n" + terminal_.bold("States") + "\n";
    const auto both = [&](const std::string& name) {
      const StateVisits* was = find(compared_.before, name);
      const StateVisits* is = find(compared_.after, name);
      const bool same =
          was != nullptr && is != nullptr && was->count == is->count && was->failed == is->failed;
      row(terminal::single_line(name), visits(was), visits(is), !same);
    };
    for (const StateVisits& state : compared_.before.states) both(state.name);
    for (const StateVisits& state : compared_.after.states) {
      if (find(compared_.before, state.name) == nullptr) both(state.name);
    }
  }

  void texts(std::string_view name, const std::string& was, const std::string& is) {
    if (was == is) return;
    out_ += "\n" + unified_diff(lines_of(was), lines_of(is), name, terminal_);
  }

  // Printable, each with room for the sign before it.
  std::string lines_of(std::string_view text) const {
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text.empty() ? "" : terminal::lines(text, terminal_.room() - 1, 0, 0) + "\n";
  }

  const Comparison& compared_;
  const trace::Redactor& payloads_;
  const terminal::Terminal& terminal_;
  std::string out_;
};

std::string report_json(const Comparison& compared, const trace::Redactor& payloads) {
  json::Arena arena;
  return json::to_text(api::comparison_value(compared, payloads, arena));
}

// Runs the definitions with the recorded input; the new execution's ARN.
base::Result<std::string> run_again(server::Server& server, const Definitions& definitions,
                                    const Recorded& recorded, bool quiet) {
  if (auto started = server.start(); !started) return std::unexpected(started.error());
  running::Host& host = server.host();
  if (auto stopped = stop_left_open(host); !stopped) return std::unexpected(stopped.error());
  auto machine = put_machines(host, definitions);
  if (!machine) return machine;
  // Called as what it repeats, and so found in a list.
  constexpr size_t kNameKept = 60;
  std::string name(arn::before_uuid(recorded.view.name));
  if (name.size() > kNameKept) name.clear();  // it could be cut within a character
  name += (name.empty() ? "" : "-again-") + aws::random_uuid().substr(0, 8);
  auto started = host.start_execution(
      {.machine_arn = *machine, .name = std::move(name), .input = recorded.view.input});
  if (!started) return std::unexpected(started.error());
  follow(host, server.url(), started->arn, {}, quiet);
  finish_telemetry(server);
  return started->arn;
}

std::string usual_place(const DataFlags& data) {
  return (data.endpoint.empty() ? data.directory : kDefaultDataDirectory) + std::string("/replay");
}

}  // namespace

base::Result<int> replay_command(const ReplayFlags& flags) {
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  const reading::Query& query = *data->query;
  auto arn = resolve_arn(query, flags.read.arn);
  if (!arn) return std::unexpected(arn.error());
  auto recorded = reading::recorded_execution(query, *arn);
  if (!recorded) return std::unexpected(recorded.error());
  RuntimeFlags runtime = flags.runtime;
  if (runtime.data_directory.empty()) runtime.data_directory = usual_place(flags.read.data);
  auto options = serve_options(runtime);
  if (!options) return std::unexpected(options.error());
  Definitions definitions;
  // What the execution had.
  const DataFlags& data_of = flags.read.data;
  const std::string its_place =
      data_of.endpoint.empty() ? data_of.directory : std::string(kDefaultDataDirectory);
  auto missing = add_template(flags.project, its_place, *options);
  if (!missing) return std::unexpected(missing.error());
  definitions.missing = std::move(*missing);
  auto definition = flags.definition.empty()
                        ? recorded_definition(query, *recorded)
                        : given_definition(*recorded, flags, *options, definitions);
  if (!definition) return std::unexpected(definition.error());
  if (!recorded->map_state.empty()) {
    auto processor = reading::replayed_definition(definition->text, *recorded, definition->path);
    if (!processor) return std::unexpected(processor.error());
    take_text(*definition, std::move(*processor));
  }
  auto added = add_definition(std::move(*definition), *options, definitions);
  if (added) added = add_machines(flags.machines, {}, *options, definitions);
  if (!added) return std::unexpected(added.error());
  // A function that is given here is meant to take the place of one.
  if (const Uncalled other = uncalled_function(definitions, flags.runtime.functions);
      !other.sentence.empty()) {
    if (other.mistyped) return fail(ErrorCode::kInvalidArgument, "--function: " + other.sentence);
    terminal::say(stderr, "weft: warning: --function: " + other.sentence);
  }
  const auto payloads = trace::Redactor::create(options->redaction);
  if (!payloads) return std::unexpected(payloads.error());
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  auto replayed = run_again(**server, definitions, *recorded, flags.read.json);
  if (!replayed) return std::unexpected(replayed.error());
  const auto compared = reading::compare(query, *arn, (*server)->query(), *replayed);
  if (!compared) return std::unexpected(compared.error());
  if (flags.read.json) {
    terminal::print_json(report_json(*compared, *payloads));
  } else {
    const auto terminal = terminal::Terminal::of(stdout);
    constexpr std::string_view kLead = "See where the time went:";
    const std::string next =
        fmt::format("weft trace {}{}", terminal::shell_word(compared->after.view.name),
                    where_text(runtime.data_directory));
    // A name with a UUID fills a line of its own.
    const bool beside = kLead.size() + 1 + terminal::display_width(next) <= terminal.room();
    fmt::print("{}{}{}{}\n", Report(*compared, *payloads, terminal).draw(), terminal.dim(kLead),
               beside ? " " : "\n  ",
               terminal::command_lines(next, terminal.room(), beside ? kLead.size() + 1 : 2));
  }
  std::fflush(stdout);
  return exit_status(compared->after.view.status);
}

}  // namespace weft::cli
