#include "cli/app_flags.h"

namespace weft::cli {

void add_invoke(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("invoke", "Call a function once and print its answer")->group(kRunGroup);
  InvokeFlags& flags = invocation.invoke;
  command->add_option("FUNCTION", flags.function, "Its name or ARN")->required()->type_name("");
  command->add_option("--payload", flags.payload, "What the function is given")
      ->type_name("JSON|@FILE")
      ->capture_default_str();
  add_function_flags(*command, flags.runtime);
  add_config_flag(*command);
  command
      ->add_option("--data", flags.runtime.data_directory,
                   "Below it the call has a directory of its own, which goes with it")
      ->type_name("DIR")
      ->capture_default_str();
  add_json(*command, flags.json);
  command->footer(
      "The answer goes to standard output, what the function logged to standard error. Exit "
      "status: 0 an answer, 1 the function failed or timed out, 2 it could not be called.\n\n"
      "Example:\n  weft invoke resize --payload '{\"key\": \"a.jpg\"}' --function "
      "resize=resize.mjs");
  command->callback(
      [&] { invocation.command = [&] { return invoke_command(invocation.invoke); }; });
}

void add_replay(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("replay",
                         "Run an execution or child again with its input and show what differs")
          ->group(kRunGroup);
  ReplayFlags& flags = invocation.replay;
  add_read_flags(*command, flags.read, "Its ARN, or a name, or 'latest'");
  command
      ->add_option("--definition", flags.definition,
                   "A changed definition (JSON or YAML): the whole, of which a child takes the Map "
                   "state that it "
                   "is of (what it ran with unless given)")
      ->type_name("FILE")
      ->configurable(false);
  command
      ->add_option("--state-machine", flags.machines,
                   "A state machine that tasks may start; repeatable")
      ->type_name("[NAME=]FILE");
  command
      ->add_option("--into", flags.runtime.data_directory,
                   "Where it runs ('replay' below the data directory unless given)")
      ->type_name("DIR")
      ->configurable(false);
  add_function_flags(*command, flags.runtime);
  add_redact_flags(*command, flags.runtime.redact);
  add_integration_flags(*command, flags.runtime);
  add_json(*command, flags.read.json);
  flags.runtime.data_directory.clear();
  command->footer(
      "Exit status: that of `weft run`, of the new execution. What was recorded stays as it is.\n\n"
      "Examples:\n  weft replay 0a1b2c3d-0000-3000-8000-000000000001\n"
      "  weft replay latest --definition changed.asl.json --function resize=fixed.mjs");
  command->callback(
      [&] { invocation.command = [&] { return replay_command(invocation.replay); }; });
}

}  // namespace weft::cli
