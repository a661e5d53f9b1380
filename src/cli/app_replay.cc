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
  add_template_flags(*command, flags.project);
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
      ->add_option(
          "--definition", flags.definition,
          "A changed definition (JSON or YAML), or a template with it: the whole, of which "
          "a child takes the Map state that it is of (what it ran with unless given)")
      ->type_name("FILE")
      ->configurable(false);
  command
      ->add_option("--resource", flags.resource,
                   "The state machine of the template that --definition names, by its logical ID "
                   "(the one that ran unless given)")
      ->type_name("LOGICAL_ID")
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
  add_template_flags(*command, flags.project);
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

void add_redrive(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("redrive", "Go on with an execution that failed, from where it stopped")
          ->group(kRunGroup);
  RedriveFlags& flags = invocation.redrive;
  command
      ->add_option("RUN", flags.execution,
                   "Its ARN, or a name, or the ARN of its Map Run; the newest one unless given")
      ->type_name("")
      ->configurable(false);
  command->add_flag("--ui", flags.run.ui, "Keep the page served after the end, until Ctrl-C");
  add_json(*command, flags.run.json);
  add_runtime_flags(*command, flags.run.runtime);
  add_template_flags(*command, flags.project);
  command
      ->add_option("--listen", flags.run.runtime.listen,
                   "Also answer the API here (a free loopback port unless given)")
      ->type_name("ADDR:PORT")
      ->group("Storage and network");
  command->footer(
      "What succeeded does not run again: states, branches, iterations, and the children of a "
      "Distributed Map, of which those run that failed, timed out, were stopped or never started. "
      "Functions may have changed meanwhile, the definition is the one it began with.\n\n"
      "Exit status: that of `weft run`.\n\n"
      "Example:\n  weft redrive --function resize=fixed.mjs --bucket photos=./photos");
  command->callback(
      [&] { invocation.command = [&] { return redrive_command(invocation.redrive); }; });
}

}  // namespace weft::cli
