#include "cli/app.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "asl/nearest.h"
#include "cli/app_flags.h"
#include "cli/settings.h"

namespace weft::cli {
namespace {

constexpr size_t kHelpColumn = 34;  // where what flags do stands

void add_run(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("run", "Run a state machine to its end and tell how it went")
          ->group(kRunGroup);
  RunFlags& flags = invocation.run;
  command
      ->add_option("DEFINITION", flags.definition,
                   "File with the definition (Amazon States Language, JSON or YAML), or a template "
                   "of SAM, CloudFormation or the CDK")
      ->type_name("");
  add_definition_flags(*command, flags.resource, flags.substitutes);
  command->add_option("--input", flags.input, "Execution input")
      ->type_name("JSON|@FILE")
      ->capture_default_str();
  command->add_option("--name", flags.name, "Name of the execution (a fresh one unless given)")
      ->configurable(false);
  command->add_option("--type", flags.type, "Type of the state machine (templates say it)")
      ->check(one_of({"STANDARD", "EXPRESS"}))
      ->type_name("STANDARD|EXPRESS")
      ->capture_default_str();
  command
      ->add_option("--state-machine", flags.machines,
                   "A state machine that tasks may start (startExecution), named like its file "
                   "unless NAME is given; repeatable")
      ->type_name("[NAME=]FILE[,type=EXPRESS]");
  command->add_flag("--resume", flags.resume, "Go on with what a stop or crash left open")
      ->configurable(false);
  command->add_flag("--ui", flags.ui, "Keep the page served after the end, until Ctrl-C");
  add_json(*command, flags.json);
  add_runtime_flags(*command, flags.runtime);
  command
      ->add_option("--listen", flags.runtime.listen,
                   "Also answer the API here (a free loopback port unless given)")
      ->type_name("ADDR:PORT")
      ->group("Storage and network");
  command->footer(
      "Exit status: 0 SUCCEEDED, 1 FAILED, 2 could not run, 3 TIMED_OUT, 130 ABORTED. Ctrl-C stops "
      "the execution.\n\n"
      "Example:\n  weft run watermark.asl.json --input '{\"from\": \"photos\"}' \\\n"
      "    --bucket photos=./photos --function watermark=handler.mjs:handler\n"
      "  weft run template.yaml --resource OrderMachine");
  command->callback([&, command] {
    flags.input_given = command->count("--input") > 0;
    invocation.command = [&] { return run_command(invocation.run); };
  });
}

void add_serve(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("serve", "Serve Step Functions and S3 to AWS's clients")->group(kRunGroup);
  ServeFlags& flags = invocation.serve;
  flags.runtime.listen = "127.0.0.1:9338";
  command
      ->add_option("DEFINITION", flags.definition,
                   "A state machine that is there from the start: a definition, or a template with "
                   "all that it has")
      ->type_name("");
  add_definition_flags(*command, flags.resource, flags.substitutes);
  command->add_option("--type", flags.type, "Type of the state machine (templates say it)")
      ->check(one_of({"STANDARD", "EXPRESS"}))
      ->type_name("STANDARD|EXPRESS")
      ->capture_default_str();
  command
      ->add_option("--state-machine", flags.machines,
                   "A further one, named like its file unless NAME is given; repeatable")
      ->type_name("[NAME=]FILE[,type=EXPRESS]");
  command
      ->add_flag("--watch", flags.watch,
                 "Take up changed definitions (as new revisions) and functions at once")
      ->configurable(false);
  add_json(*command, flags.json);
  add_runtime_flags(*command, flags.runtime);
  command->add_option("--listen", flags.runtime.listen, "Address and port (0: a free port)")
      ->type_name("ADDR:PORT")
      ->capture_default_str()
      ->group("Storage and network");
  command->add_option("--port-file", flags.port_file, "Write the port to this file when ready")
      ->type_name("FILE")
      ->group("Storage and network");
  command->footer(
      "Nothing is authenticated: keep it on the loopback address.\n\n"
      "Examples:\n  weft serve --data ./data --bucket photos=./photos\n"
      "  weft serve template.yaml --watch\n"
      "  aws stepfunctions list-state-machines --endpoint-url http://127.0.0.1:9338");
  command->callback([&] { invocation.command = [&] { return serve_command(invocation.serve); }; });
}

// The text of CLI11 within the width of the terminal, 80 columns in a pipe: what is longer goes on
// below where its description began.
std::string help_lines(const std::string& text) {
  const size_t width = terminal::Terminal::of(stdout).prose_room();
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const size_t begins = std::min(line.find_first_not_of(' '), line.size());
    // "  --flag NAME   what it does", or what it does alone, below a long flag.
    const size_t gap = line.find("  ", begins);
    const bool described = begins > 0 && (begins >= kHelpColumn || gap != std::string::npos);
    const size_t indent = described ? std::min(kHelpColumn, width / 2) : begins + 2;
    out += terminal::wrapped(line, width, 0, begins == 0 ? 0 : indent) + '\n';
  }
  return out;
}

std::string no_command(const CLI::App& app, std::string_view name) {
  std::vector<std::string_view> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  const std::string meant = asl::nearest(name, known);
  return meant.empty() ? fmt::format("'{}' is no command; 'weft --help' lists them", name)
                       : fmt::format("'{}' is no command; did you mean '{}'?", name, meant);
}

// What CLI11 says; of arguments that nobody expects, in the order they were given and with what was
// meant.
std::string parse_message(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || app.get_subcommands().empty())
    return error.what();
  const CLI::App& command = *app.get_subcommands().front();
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string message = "Not expected:";
  for (const std::string& extra : app.remaining(true)) {
    message += " " + extra;
    const std::string meant =
        extra.starts_with("--") ? asl::nearest(extra.substr(0, extra.find('=')), known) : "";
    if (!meant.empty()) message += fmt::format(" (did you mean {}?)", meant);
  }
  return message;
}

// Whether what was printed has arrived; who closes a pipe early wants no more.
bool said_all() {
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  const int why = errno;
  if ((flushed && std::ferror(stdout) == 0) || why == EPIPE) return true;
  terminal::say(stderr, fmt::format("weft: Cannot write to standard output: {}",
                                    why == 0 ? "the device is full or gone" : std::strerror(why)));
  return false;
}

int fail_with(const std::string& message, int status) {
  terminal::say(stderr, "weft: " + message);
  return status;
}

}  // namespace

void add_commands(CLI::App& app, Invocation& invocation) {
  add_run(app, invocation);
  add_serve(app, invocation);
  add_redrive(app, invocation);
  add_replay(app, invocation);
  add_invoke(app, invocation);
  add_test_state(app, invocation);
  add_trace(app, invocation);
  add_ui(app, invocation);
  add_explain(app, invocation);
  add_reading(app, invocation);
  add_logs(app, invocation);
  add_import(app, invocation);
  add_metrics(app, invocation);
  add_doctor(app, invocation);
  add_writing(app, invocation);
  add_convert(app, invocation);
  add_instrument(app, invocation);
  add_debug(app, invocation);
  add_jsonata(app, invocation);
  add_jsonpath(app, invocation);
  // A flag that may come more than once takes one value each time: what follows is no other.
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    for (CLI::Option* option : command->get_options([](CLI::Option*) { return true; })) {
      if (!option->get_positional() && option->get_expected_max() == 1)
        option->allow_extra_args(false);
    }
  }
}

base::Result<void> take_settings(const CLI::App& app, CLI::App& command, Invocation& invocation) {
  std::vector<lambda::FunctionConfig> functions;
  auto file = apply_settings(app, command, functions);
  if (!file) return std::unexpected(file.error());
  for (RuntimeFlags* flags :
       {&invocation.run.runtime, &invocation.serve.runtime, &invocation.redrive.run.runtime,
        &invocation.replay.runtime, &invocation.invoke.runtime, &invocation.test_state.runtime,
        &invocation.validate.runtime}) {
    flags->settings_file = *file;
    flags->settings_functions = functions;
  }
  return {};
}

int run_program(int argc, char** argv) {
  // Who closes the pipe that a list goes into has seen enough (`run` and `serve` go on).
  std::signal(SIGPIPE, [](int) { _exit(0); });
  CLI::App app(
      "Weft runs AWS Step Functions state machines on this machine and shows where the time went.",
      "weft");
  app.set_version_flag("--version", "weft " WEFT_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(kHelpColumn);
  app.footer("'weft COMMAND --help' shows the flags of a command and an example.");
  Invocation invocation;
  add_commands(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    std::ostringstream out;
    const int status = app.exit(wanted, out, out);
    fmt::print("{}", help_lines(out.str()));
    return said_all() ? status : kSetupError;
  } catch (const CLI::ParseError& error) {
    if (argc == 1) {
      fmt::print("{}", help_lines(app.help()));
      return kSetupError;
    }
    if (app.get_subcommands().empty() && argv[1][0] != '-') {
      return fail_with(no_command(app, argv[1]), kSetupError);
    }
    return fail_with(parse_message(app, error), kSetupError);
  }
  if (auto taken = take_settings(app, *app.get_subcommands().front(), invocation); !taken)
    return fail_with(taken.error().message, kSetupError);
  const auto status = invocation.command();
  if (!status) return fail_with(status.error().message, kSetupError);
  return said_all() ? *status : kSetupError;
}

}  // namespace weft::cli
