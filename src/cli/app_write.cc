#include <map>

#include <fmt/format.h>

#include "cli/app_flags.h"
#include "cli/validate.h"

namespace weft::cli {

void add_writing(CLI::App& app, Invocation& invocation) {
  CLI::App* validate =
      app.add_subcommand("validate", "Check a state machine definition")->group(kWriteGroup);
  ValidateFlags& flags = invocation.validate;
  validate
      ->add_option("FILE", flags.file,
                   "The definition in JSON or YAML ('-': standard input), or a template of SAM, "
                   "CloudFormation or the CDK: all its state machines")
      ->required();
  add_definition_flags(*validate, flags.resource, flags.substitutes);
  validate->add_option("--type", flags.type, "Type of the state machine (templates say it)")
      ->check(one_of({"STANDARD", "EXPRESS"}))
      ->type_name("STANDARD|EXPRESS")
      ->capture_default_str();
  add_function_flag(*validate, flags.runtime.functions);
  add_config_flag(*validate);
  add_json(*validate, flags.json);
  validate->footer(
      "Of a template it also lists the functions and buckets as they would run, and what cannot "
      "be\n"
      "resolved or done here, with line and column. Where functions are given, by --function or\n"
      "weft.toml, those that are called and not among them are errors.\n\n"
      "Exit status: 0 valid, 1 not.\n\n"
      "Examples:\n  weft validate watermark.asl.json\n  weft validate template.yaml --substitute "
      "Stage=dev");
  validate->callback([&] {
    invocation.command = [&]() -> base::Result<int> {
      return validate_command(invocation.validate);
    };
  });
}

void add_debug(CLI::App& app, Invocation& invocation) {
  // Not in the list of commands: these are for who works on Weft.
  CLI::App* debug = app.add_subcommand("debug", "For measurements")->group("");
  debug->require_subcommand(1);
  CLI::App* command = debug->add_subcommand(
      "synth-run", "Write a Map Run that nobody ran, to measure what looks at it");
  SynthRunFlags& flags = invocation.synth_run;
  command->add_option("--data", flags.data_directory, "A fresh data directory")
      ->type_name("DIR")
      ->required();
  command->add_option("--children", flags.children, "How many")
      ->check(whole_number(1, 100'000'000))
      ->type_name("N")
      ->required();
  command->add_option("--seed", flags.seed, "The same seed gives the same run")
      ->type_name("N")
      ->capture_default_str();
  command->callback(
      [&] { invocation.command = [&] { return synth_run_command(invocation.synth_run); }; });
}

void add_jsonata(CLI::App& app, Invocation& invocation) {
  CLI::App* jsonata =
      app.add_subcommand("jsonata", "Evaluate a JSONata expression")->group(kWriteGroup);
  JsonataFlags& flags = invocation.jsonata;
  CLI::Option* expression =
      jsonata->add_option("EXPR", flags.expression, "The expression, without {% %}")->type_name("");
  jsonata->add_option("--input", flags.input, "JSON file to evaluate against ('-': standard input)")
      ->type_name("FILE");
  jsonata->add_option("--bindings", flags.bindings, "An object, variable to value, the same way")
      ->type_name("FILE");
  jsonata
      ->add_option("--dialect", flags.dialect,
                   "aws: as Step Functions has it; reference: as jsonata.org has it [aws]")
      ->check(one_of({"aws", "reference"}))
      ->type_name("aws|reference");
  jsonata->add_option("--timeout", flags.timeout_seconds, "Seconds an evaluation may take [1]")
      ->check(whole_number(1, 3600))
      ->type_name("SECONDS");
  add_json(*jsonata, flags.json);
  const char* group = "Suites and benchmarks";
  CLI::Option* cases =
      jsonata->add_option("--cases", flags.cases, "Run the cases of a suite, one a line")
          ->type_name("FILE.jsonl")
          ->group(group);
  jsonata->add_option("--datasets", flags.datasets, "The inputs that cases name")
      ->type_name("DIR")
      ->needs(cases)
      ->group(group);
  jsonata->add_flag("--failed", flags.failed_only, "List only the cases that fail")
      ->needs(cases)
      ->group(group);
  CLI::Option* bench =
      jsonata->add_option("--bench", flags.bench, "Time the expressions of a folder (CPU time)")
          ->type_name("DIR")
          ->group(group);
  jsonata->add_option("--ms", flags.round_ms, "Milliseconds of one of the 7 rounds")
      ->check(whole_number(1, 60'000))
      ->type_name("N")
      ->capture_default_str()
      ->needs(bench)
      ->group(group);
  jsonata
      ->add_option("--evaluations", flags.evaluations,
                   "Make so many of each instead, and tell by how much the memory grew")
      ->check(whole_number(1, int64_t{1} << 40))
      ->type_name("N")
      ->needs(bench)
      ->group(group);
  jsonata->add_option("--only", flags.only, "Only those whose name contains this")
      ->type_name("TEXT")
      ->group(group);
  expression->excludes(cases)->excludes(bench);
  cases->excludes(bench);
  jsonata->footer("Example:\n  weft jsonata '$sum(items.price)' --input order.json");
  jsonata->callback([&] {
    invocation.command = [&] {
      if (!invocation.jsonata.cases.empty()) return jsonata_cases(invocation.jsonata);
      if (!invocation.jsonata.bench.empty()) return jsonata_bench(invocation.jsonata);
      return jsonata_command(invocation.jsonata);
    };
  });
}

void add_jsonpath(CLI::App& app, Invocation& invocation) {
  CLI::App* jsonpath =
      app.add_subcommand("jsonpath", "Show what a JSONPath finds, or why it finds nothing")
          ->group(kWriteGroup);
  JsonpathFlags& flags = invocation.jsonpath;
  CLI::Option* path = jsonpath
                          ->add_option("PATH", flags.path,
                                       "A path as a state has it, or a call of a States. function")
                          ->type_name("");
  jsonpath
      ->add_option("--input", flags.input,
                   "What $ stands for: JSON, @FILE or a file's name ('-': standard input)")
      ->type_name("FILE");
  jsonpath->add_option("--context", flags.context, "What $$ stands for, the same way")
      ->type_name("FILE");
  jsonpath
      ->add_option("--variables", flags.variables, "JSON file with an object: variable to value")
      ->type_name("FILE");
  add_json(*jsonpath, flags.json);
  const char* group = "Vectors";
  CLI::Option* cases =
      jsonpath->add_option("--cases", flags.cases, "Run the cases of a file, one a line")
          ->type_name("FILE.jsonl")
          ->group(group);
  jsonpath->add_flag("--failed", flags.failed_only, "List only the cases that fail")
      ->needs(cases)
      ->group(group);
  path->excludes(cases);
  jsonpath->footer("Example:\n  weft jsonpath '$.orders[?(@.price > 10)].id' --input orders.json");
  jsonpath->callback([&] {
    invocation.command = [&] {
      return invocation.jsonpath.cases.empty() ? jsonpath_command(invocation.jsonpath)
                                               : jsonpath_cases(invocation.jsonpath);
    };
  });
}

void add_convert(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("convert", "Rewrite a definition's JSONPath states in JSONata")
          ->group(kWriteGroup);
  command
      ->add_option("FILE", invocation.convert.file,
                   "The definition, or a template ('-': standard input)")
      ->required();
  add_definition_flags(*command, invocation.convert.resource, invocation.convert.substitutes);
  command->footer(
      "A state that has no equal in JSONata stays as it is and is named with the reason.\n"
      "Exit status: 0 done, 1 the definition is not valid.\n\n"
      "Example:\n  weft convert machine.asl.json > jsonata.asl.json");
  command->callback(
      [&] { invocation.command = [&] { return convert_command(invocation.convert); }; });
}

void add_instrument(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("instrument",
                         "Edit a definition so that on AWS what it starts joins its Datadog trace")
          ->group(kWriteGroup);
  InstrumentFlags& flags = invocation.instrument;
  command->add_option("FILE", flags.file, "The definition ('-': standard input)")->required();
  CLI::Option* write = command->add_flag("--write", flags.write,
                                         "Edit the file (without it: print what would change)");
  command->add_flag("--print", flags.print, "Print the edited definition instead")->excludes(write);
  command->footer(
      "Edits calls of Lambda functions, StartExecution, messages to SQS and SNS, events to\n"
      "EventBridge, HTTP calls and the ItemBatcher of Distributed Maps, inside Map and\n"
      "Parallel, too. Names what carries the trace already, and what cannot be edited and\n"
      "why. Weft needs none of it: it hands the trace on by itself.\n\n"
      "Examples:\n  weft instrument machine.asl.json\n"
      "  weft instrument --print machine.asl.json > instrumented.asl.json");
  command->callback(
      [&] { invocation.command = [&] { return instrument_command(invocation.instrument); }; });
}

}  // namespace weft::cli
