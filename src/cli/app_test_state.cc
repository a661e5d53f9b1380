#include "cli/app_flags.h"

namespace weft::cli {
namespace {

void add_mock_flags(CLI::App& command, TestStateFlags& flags) {
  constexpr const char* kGroup = "Instead of doing its work";
  const auto add = [&](const char* name, std::string& value, const char* type, const char* what) {
    return command.add_option(name, value, what)
        ->type_name(type)
        ->group(kGroup)
        ->configurable(false);
  };
  add("--mock-result", flags.mock_result, "JSON|@FILE", "What its task, or its children, give");
  add("--mock-error", flags.mock_error, "NAME[:CAUSE]", "How its task, or its children, fail");
  add("--validation", flags.validation, "STRICT|PRESENT|NONE",
      "How far the result must look like one of the service (STRICT unless given)")
      ->check(one_of({"STRICT", "PRESENT", "NONE"}));
  command.add_option("--retries", flags.retries, "How often it has been tried again already")
      ->check(whole_number(0, INT32_MAX))
      ->type_name("N")
      ->group(kGroup)
      ->configurable(false);
  command.add_option("--failed-items", flags.failed_items, "How many items of a Map state failed")
      ->check(whole_number(0, INT32_MAX))
      ->type_name("N")
      ->group(kGroup)
      ->configurable(false);
  add("--caused-by", flags.caused_by, "STATE", "The state inside the Map or Parallel that failed");
  add("--reader-data", flags.reader_data, "JSON|@FILE", "What an ItemReader reads");
  add("--context", flags.context, "JSON|@FILE", "The context object that the state sees");
}

}  // namespace

void add_test_state(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("test-state", "Run one state and show how its data changed on the way")
          ->group(kRunGroup);
  TestStateFlags& flags = invocation.test_state;
  command
      ->add_option("DEFINITION", flags.definition,
                   "File with one state, or with a definition or template and --state")
      ->required()
      ->type_name("");
  command
      ->add_option("--state", flags.state,
                   "The state of the definition that is meant, nested ones too")
      ->type_name("NAME")
      ->configurable(false);
  add_definition_flags(*command, flags.resource, flags.substitutes);
  command->add_option("--input", flags.input, "The state's input")
      ->type_name("JSON|@FILE")
      ->capture_default_str();
  command->add_option("--variables", flags.variables, "Variables that it finds, an object")
      ->type_name("JSON|@FILE")
      ->configurable(false);
  command
      ->add_option("--level", flags.level,
                   "INFO: its output; DEBUG: its data between the fields; TRACE: and what an HTTP "
                   "task sent and got")
      ->check(one_of({"INFO", "DEBUG", "TRACE"}))
      ->type_name("INFO|DEBUG|TRACE")
      ->capture_default_str()
      ->configurable(false);
  command
      ->add_flag("--reveal-secrets", flags.reveal_secrets,
                 "With TRACE: what a connection adds to the request, too")
      ->configurable(false);
  add_mock_flags(*command, flags);
  add_function_flags(*command, flags.runtime);
  add_integration_flags(*command, flags.runtime);
  add_redact_flags(*command, flags.runtime.redact);
  add_config_flag(*command);
  command
      ->add_option("--data", flags.runtime.data_directory,
                   "Below it the test has a directory of its own, which goes with it")
      ->type_name("DIR")
      ->capture_default_str();
  add_json(*command, flags.json);
  command->footer(
      "Exit status: 0 SUCCEEDED, 1 FAILED, RETRIABLE or CAUGHT_ERROR, 2 it could not be tested.\n\n"
      "Examples:\n  weft test-state machine.asl.json --state Price --input '{\"cost\": 9}'\n"
      "  weft test-state machine.asl.json --state Charge --mock-error Card.Declined:no \\\n"
      "    --retries 2");
  command->callback(
      [&] { invocation.command = [&] { return test_state_command(invocation.test_state); }; });
}

}  // namespace weft::cli
