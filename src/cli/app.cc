#include "cli/app.h"

#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/validate.h"
#include "integrations/registry.h"

namespace weft::cli {
namespace {

constexpr const char* kRunGroup = "Run workflows";
constexpr const char* kLookGroup = "See what happened";
constexpr const char* kWriteGroup = "Write definitions";

using Command = std::function<base::Result<int>()>;

// Everything the flags are parsed into, and the command that was chosen.
struct Invocation {
  RunFlags run;
  ServeFlags serve;
  TraceFlags trace;
  ReadFlags history;
  ReadFlags describe;
  ListFlags list;
  ExplainFlags explain;
  LogsFlags logs;
  MetricsFlags metrics;
  JsonataFlags jsonata;
  JsonpathFlags jsonpath;
  ImportFlags import;
  InstrumentFlags instrument;
  std::string validate_file;
  bool validate_json = false;
  Command command;
};

// The type name of an option says the values already.
CLI::Validator one_of(std::set<std::string> values) {
  return CLI::IsMember(std::move(values)).description("");
}

CLI::Validator whole_number(int64_t low, int64_t high) {
  return CLI::Validator(
      [low, high](const std::string& text) -> std::string {
        int64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && at == end && value >= low && value <= high) return "";
        return fmt::format("{} is no whole number from {} to {}", text, low, high);
      },
      "");
}

void add_redact_flags(CLI::App& command, RedactFlags& flags) {
  const char* group = "Payloads";
  command
      .add_option("--redact", flags.redact,
                  "Hide members with this in their name, or a path such as '$.items[*].card' "
                  "(names of secrets are hidden anyway)")
      ->type_name("NAME|PATH")
      ->group(group)
      ->expected(1)
      ->take_all();
  command.add_flag("--show-secrets", flags.show_secrets, "Hide only what --redact names")
      ->group(group);
  command.add_option("--payload-bytes", flags.payload_bytes, "Cut payloads here; 0: show none")
      ->check(whole_number(0, int64_t{1} << 30))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
}

void add_integration_flags(CLI::App& command, RuntimeFlags& flags) {
  for (const integrations::Service* service : integrations::services()) {
    for (const integrations::Flag& flag : service->flags) {
      command.add_option(flag.name, flags.integrations[flag.name], flag.help)
          ->type_name(flag.value)
          ->group(std::string(service->title))
          ->expected(1)
          ->take_all();
    }
  }
}

void add_runtime_flags(CLI::App& command, RuntimeFlags& flags) {
  command
      .add_option("--function", flags.functions,
                  "A function: a program, or an export of a JavaScript or Python file")
      ->type_name("NAME=PATH[:HANDLER][,concurrency=N,timeout=S]")
      ->group("Functions and buckets")
      ->expected(1)
      ->take_all();
  command.add_option("--bucket", flags.buckets, "An S3 bucket that is a directory")
      ->type_name("NAME=DIR")
      ->group("Functions and buckets")
      ->expected(1)
      ->take_all();
  command
      .add_option("--buckets", flags.buckets_home,
                  "A directory of buckets: each subfolder is one, CreateBucket makes more")
      ->type_name("DIR")
      ->group("Functions and buckets");
  command.add_option("--data", flags.data_directory, "Where executions are kept")
      ->type_name("DIR")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--durability", flags.durability,
                  "fsync: what was answered survives a power cut; os: a crash of weft only")
      ->check(one_of({"fsync", "os"}))
      ->type_name("fsync|os")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--detail-budget", flags.detail_budget,
                  "Children of a Map Run that keep their functions' spans; 0: all")
      ->check(whole_number(0, int64_t{1} << 40))
      ->type_name("CHILDREN")
      ->capture_default_str()
      ->group("Storage and network");
  command
      .add_option("--detail-bytes", flags.detail_bytes,
                  "Bytes those may take together, as in 64MiB; 0: any number")
      ->transform(CLI::AsSizeValue(false).description(""))
      ->type_name("SIZE")
      ->group("Storage and network");
  const auto port = [&command](const char* flag, int& value, const char* what) {
    command.add_option(flag, value, what)
        ->check(whole_number(0, 65'535))
        ->type_name("PORT")
        ->group("Storage and network");
  };
  port("--agent-port", flags.agent_port, "Also take Datadog traces here (usual: 8126)");
  port("--otlp-port", flags.otlp_port, "Also take OpenTelemetry here (usual: 4318)");
  port("--statsd-port", flags.statsd_port, "Also take DogStatsD here, over UDP (usual: 8125)");
  add_redact_flags(command, flags.redact);
  add_integration_flags(command, flags);
  command
      .add_option("--export", flags.exports,
                  "Push spans (otlp=URL, datadog=URL of an agent) or metrics (otlp-metrics=URL, "
                  "dogstatsd=HOST:PORT) while it runs")
      ->type_name("KIND=WHERE")
      ->group("Storage and network")
      ->expected(1)
      ->take_all();
}

void add_json(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON for programs");
}

void add_data_flags(CLI::App& command, DataFlags& flags) {
  auto* data = command.add_option("--data", flags.directory, "The data directory to read")
                   ->type_name("DIR")
                   ->capture_default_str();
  command.add_option("--endpoint", flags.endpoint, "Read from a running weft instead")
      ->type_name("URL")
      ->excludes(data);
}

void add_read_flags(CLI::App& command, ReadFlags& flags, const std::string& what) {
  command.add_option("ARN", flags.arn, what)->required();
  add_data_flags(command, flags.data);
}

void add_run(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("run", "Run a state machine to its end and tell how it went")
          ->group(kRunGroup);
  RunFlags& flags = invocation.run;
  command
      ->add_option("DEFINITION", flags.definition,
                   "File with the definition (Amazon States Language)")
      ->type_name("");
  command->add_option("--input", flags.input, "Execution input")
      ->type_name("JSON|@FILE")
      ->capture_default_str();
  command->add_option("--name", flags.name, "Name of the execution (a fresh one unless given)");
  command
      ->add_option("--state-machine", flags.machines,
                   "A state machine that tasks may start (startExecution), named like its file "
                   "unless NAME is given; repeatable")
      ->type_name("[NAME=]FILE");
  command->add_flag("--resume", flags.resume, "Go on with what a stop or crash left open");
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
      "Example:\n  weft run watermark.asl.json --input '{\"from\": \"photos\"}' --bucket "
      "photos=./photos \\\n"
      "    --function watermark=handler.mjs:handler,concurrency=2");
  command->callback([&] { invocation.command = [&] { return run_command(invocation.run); }; });
}

void add_serve(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("serve", "Serve Step Functions and S3 to AWS's clients")->group(kRunGroup);
  ServeFlags& flags = invocation.serve;
  flags.runtime.listen = "127.0.0.1:9338";
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
      "Example:\n  weft serve --data ./data --bucket photos=./photos\n"
      "  aws stepfunctions list-state-machines --endpoint-url http://127.0.0.1:9338");
  command->callback([&] { invocation.command = [&] { return serve_command(invocation.serve); }; });
}

void add_children_flags(CLI::App& command, ChildrenFlags& flags) {
  const char* group = "Children of Distributed Maps, as tables";
  command
      .add_option("--filter", flags.filters,
                  "Only these, as in \"status:failed dur:>1s\" (conditions: see below)")
      ->type_name("CONDITIONS")
      ->group(group)
      ->expected(1)
      ->take_all();
  command
      .add_option("--group-by", flags.group_by,
                  "Put together by state, error, status, cold, key (key/2: two levels), lane, "
                  "retry, batch, minute, function, input.PATH or span.ATTRIBUTE")
      ->type_name("WHAT")
      ->group(group);
  command
      .add_option("--sort", flags.sort,
                  "Children by dur, start, end, queue, retry, size, index; groups by count, "
                  "failed, p50, p95, p99, max, total, value; with :asc or :desc")
      ->type_name("BY")
      ->group(group);
  command.add_option("--limit", flags.limit, "At most so many lines each [20]")
      ->check(whole_number(1, 1'000'000))
      ->type_name("N")
      ->group(group);
}

void add_trace(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("trace", "Draw where the time of an execution went")->group(kLookGroup);
  TraceFlags& flags = invocation.trace;
  add_read_flags(*command, flags.read,
                 "ARN of an execution, child or Map Run; or a name; or 'latest'");
  command
      ->add_option(
          "--format", flags.format,
          "text: a waterfall; otlp: for OpenTelemetry collectors; chrome: for ui.perfetto.dev; "
          "jaeger: for Jaeger's file upload; ndjson: a span a line")
      ->check(one_of({"text", "otlp", "chrome", "jaeger", "ndjson"}))
      ->type_name("text|otlp|chrome|jaeger|ndjson")
      ->capture_default_str();
  auto* output = command->add_option("--output", flags.output, "Write to this file");
  output->type_name("FILE");
  command
      ->add_option("--push", flags.push,
                   "Send its spans instead: otlp=URL, or datadog=URL (an agent)")
      ->type_name("KIND=URL")
      ->excludes(output);
  command->add_option("--width", flags.width, "Columns (the terminal's unless given)")
      ->check(whole_number(60, 500))
      ->type_name("N");
  static const std::map<std::string, terminal::ColorMode> kModes = {
      {"auto", terminal::ColorMode::kAuto},
      {"always", terminal::ColorMode::kAlways},
      {"never", terminal::ColorMode::kNever}};
  command->add_option("--color", flags.color, "Colors")
      ->transform(CLI::CheckedTransformer(kModes).description(""))
      ->type_name("auto|always|never");
  add_children_flags(*command, flags.children);
  add_redact_flags(*command, flags.redact);
  command->add_flag("--every-child", flags.every_child,
                    "With --format and --push: also children beyond the detail budget, a span "
                    "each instead of one for each group");
  command->add_flag("--follow", flags.follow, "Draw again until the execution has ended");
  command->footer(
      "Conditions, of which all must hold: status:failed,timed_out  err:ID or err:NAME  "
      "dur:>1500ms  "
      "dur:100ms..2s  queue:>1s  run:>1s (in functions)  cold:yes  cold:>200ms  start:0..60s  "
      "end:0..60s (since the start "
      "of the map)  retry:>0  batch:>1  size:>1000  lane:0..99  index:17  key:2024/us-east/  "
      "input.customer.region:eu  input.size:>1000  span.http.status:503  function:resize\n\n"
      "Examples:\n  weft trace latest\n  weft trace latest --follow\n"
      "  weft trace latest --filter \"status:failed dur:>1s\"\n"
      "  weft trace latest --group-by error\n"
      "  weft trace latest --filter cold:yes --group-by state --sort p95");
  command->callback([&] { invocation.command = [&] { return trace_command(invocation.trace); }; });
}

void add_explain(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("explain",
                         "Say what the failed and the slow children share and the others do not")
          ->group(kLookGroup);
  ExplainFlags& flags = invocation.explain;
  add_read_flags(*command, flags.read,
                 "ARN of an execution or Map Run; or a name; or 'latest' [latest]");
  command->get_option("ARN")->required(false);
  command
      ->add_option("--filter", flags.filters,
                   "Explain these against all others (conditions: see weft trace --help)")
      ->type_name("CONDITIONS")
      ->expected(1)
      ->take_all();
  command->add_flag("--json", flags.read.json, "For programs");
  command->footer(
      "Examples:\n  weft explain\n  weft explain latest --filter cold:yes\n"
      "  weft explain latest --filter err:PictureError");
  command->callback([&] {
    if (invocation.explain.read.arn.empty()) invocation.explain.read.arn = "latest";
    invocation.command = [&] { return explain_command(invocation.explain); };
  });
}

void add_reading(CLI::App& app, Invocation& invocation) {
  CLI::App* list = app.add_subcommand("list", "List executions, newest first")->group(kLookGroup);
  list->add_option("ARN", invocation.list.read.arn,
                   "Only those of this state machine, or the finished children of this Map Run");
  add_data_flags(*list, invocation.list.read.data);
  list->add_option("--status", invocation.list.status, "Only those with this status")
      ->check(one_of({"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}))
      ->type_name("STATUS");
  list->add_option("--limit", invocation.list.limit, "At most so many")
      ->check(whole_number(1, 100'000))
      ->type_name("N")
      ->capture_default_str();
  add_json(*list, invocation.list.read.json);
  list->footer("Example:\n  weft list --status FAILED");
  list->callback([&] { invocation.command = [&] { return list_command(invocation.list); }; });

  CLI::App* describe =
      app.add_subcommand("describe", "Show an execution, child, Map Run or state machine")
          ->group(kLookGroup);
  add_read_flags(*describe, invocation.describe, "Its ARN, or a name, or 'latest'");
  add_json(*describe, invocation.describe.json);
  describe->footer("Example:\n  weft describe latest");
  describe->callback(
      [&] { invocation.command = [&] { return describe_command(invocation.describe); }; });

  CLI::App* history =
      app.add_subcommand("history", "Show the events of an execution or child")->group(kLookGroup);
  add_read_flags(*history, invocation.history, "Its ARN, or a name, or 'latest'");
  add_json(*history, invocation.history.json);
  history->footer("Example:\n  weft history latest --json");
  history->callback(
      [&] { invocation.command = [&] { return history_command(invocation.history); }; });
}

void add_logs(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("logs",
                         "Show what the function calls of an execution and its children logged")
          ->group(kLookGroup);
  LogsFlags& flags = invocation.logs;
  add_read_flags(
      *command, flags.read,
      "ARN of an execution, child or Map Run; or a name, 'latest', or a call's request id");
  command->add_flag("--own", flags.own, "Only the execution's own lines, none of children");
  command->add_option("--child", flags.child, "Only this child's: its ARN or name")
      ->type_name("ARN");
  command->add_option("--state", flags.state, "Only calls of the state with this name")
      ->type_name("NAME");
  command->add_option("--attempt", flags.attempt, "Only calls of this attempt, counted from 1")
      ->check(whole_number(1, 1'000'000))
      ->type_name("N");
  command->add_option("--request", flags.request, "Only the call with this request id")
      ->type_name("ID");
  auto* level = command->add_option("--level", flags.level, "Only lines of this level and above");
  level->check(one_of({"trace", "debug", "info", "warn", "error", "fatal"}))
      ->type_name("trace|debug|info|warn|error|fatal");
  command->add_flag("--errors-only", flags.errors_only, "The same as --level error")
      ->excludes(level);
  command->add_option("--grep", flags.grep, "Only lines that contain this")->type_name("TEXT");
  command->add_option("--since", flags.since, "Only lines since then")->type_name("TIME|AGE");
  command->add_option("--until", flags.until, "Only lines before")->type_name("TIME|AGE");
  command->add_flag("--follow", flags.follow, "Go on with new lines until the execution has ended");
  add_redact_flags(*command, flags.redact);
  add_json(*command, flags.read.json);
  command->footer(
      "A line's level is what it says itself: a member \"level\", or a word such as ERROR.\n\n"
      "Examples:\n  weft logs latest --errors-only\n  weft logs latest --since 5m --grep timeout\n"
      "  weft logs latest --state Resize --attempt 2");
  command->callback([&] { invocation.command = [&] { return logs_command(invocation.logs); }; });
}

void add_import(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("import",
                         "Take in executions that ran on AWS, from AWS itself or from logs")
          ->group(kLookGroup);
  ImportFlags& flags = invocation.import;
  command->add_option(
      "FILE", flags.files,
      "Logs or histories, plain or gzipped, in any order ('-': standard input), or a "
      "directory of such");
  command->add_option("--data", flags.data_directory, "The data directory to import into")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--machine-definition", flags.machine_definition,
                   "The definition of the state machine, kept with the executions")
      ->type_name("FILE");
  command
      ->add_option("--execution", flags.execution,
                   "Without FILE: the execution to fetch from AWS, with its Map Runs and children; "
                   "else the one that histories are of, which do not say it")
      ->type_name("ARN");
  command->add_option("--map-run", flags.map_run, "Its Map Run, when it is a child")
      ->type_name("ARN");
  const char* group = "Fetching from AWS";
  command->add_option("--region", flags.region, "The Region (the ARN's unless given)")
      ->type_name("REGION")
      ->group(group);
  command->add_option("--endpoint-url", flags.endpoint_url, "Who answers instead of AWS")
      ->type_name("URL")
      ->group(group);
  command
      ->add_option("--profile", flags.profile,
                   "Credentials of this profile (default: AWS_ACCESS_KEY_ID and "
                   "AWS_SECRET_ACCESS_KEY, else AWS_PROFILE)")
      ->type_name("NAME")
      ->group(group);
  command->add_option("--concurrency", flags.concurrency, "Requests at once")
      ->check(whole_number(1, 64))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  command
      ->add_option("--nested", flags.nested,
                   "Nested executions to fetch at most, with those they start (0: none)")
      ->check(whole_number(0, 1'000'000))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  add_json(*command, flags.json);
  command->footer(
      fmt::format("Understood are {} JSON may be on one line or printed over many. Importing the "
                  "same again changes nothing.\n\n",
                  kUnderstoodFiles) +
      "Examples:\n  weft import --execution arn:aws:states:eu-west-1:123456789012:execution:m:e\n"
      "  aws logs filter-log-events --log-group-name /aws/vendedlogs/states/m-Logs > "
      "logs.json\n  weft import logs.json && weft trace latest");
  command->callback(
      [&] { invocation.command = [&] { return import_command(invocation.import); }; });
}

void add_metrics(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("metrics",
                         "Show durations and failures of states, parents and children apart")
          ->group(kLookGroup);
  MetricsFlags& flags = invocation.metrics;
  command->add_option("MACHINE", flags.machine, "Only those of the state machine with this name");
  auto* data = command->add_option("--data", flags.data_directory, "The data directory to read");
  command->add_option("--endpoint", flags.endpoint, "Ask a running weft instead")
      ->type_name("URL")
      ->excludes(data);
  data->type_name("DIR")->capture_default_str();
  command->add_option("--from", flags.from, "Only what happened since then")->type_name("TIME|AGE");
  command->add_option("--to", flags.to, "Only what happened before")->type_name("TIME|AGE");
  add_json(*command, flags.json);
  command->footer(
      "Times are in RFC 3339, ages such as 90s, 15m, 2h, 7d. Percentiles are within 1 %.\n\n"
      "Example:\n  weft metrics --from 1h");
  command->callback(
      [&] { invocation.command = [&] { return metrics_command(invocation.metrics); }; });
}

void add_writing(CLI::App& app, Invocation& invocation) {
  CLI::App* validate =
      app.add_subcommand("validate", "Check a state machine definition")->group(kWriteGroup);
  validate->add_option("FILE", invocation.validate_file, "The definition ('-': standard input)")
      ->required();
  add_json(*validate, invocation.validate_json);
  validate->footer("Exit status: 0 valid, 1 not.\n\nExample:\n  weft validate watermark.asl.json");
  validate->callback([&] {
    invocation.command = [&]() -> base::Result<int> {
      return validate_command(invocation.validate_file, invocation.validate_json);
    };
  });
}

void add_jsonata(CLI::App& app, Invocation& invocation) {
  CLI::App* jsonata =
      app.add_subcommand("jsonata", "Evaluate a JSONata expression")->group(kWriteGroup);
  JsonataFlags& flags = invocation.jsonata;
  CLI::Option* expression =
      jsonata->add_option("EXPR", flags.expression, "The expression, without {% %}")->type_name("");
  jsonata->add_option("--input", flags.input, "JSON file to evaluate against ('-': standard input)")
      ->type_name("FILE");
  jsonata->add_option("--bindings", flags.bindings, "JSON file with an object: variable to value")
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
  jsonpath->add_option("--input", flags.input, "JSON file that $ stands for ('-': standard input)")
      ->type_name("FILE");
  jsonpath->add_option("--context", flags.context, "JSON file that $$ stands for")
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

int fail_with(const std::string& message, int status) {
  fmt::print(stderr, "weft: {}\n", terminal::single_line(message));
  return status;
}

}  // namespace

int run_program(int argc, char** argv) {
  CLI::App app(
      "Weft runs AWS Step Functions state machines on this machine and shows where the time went.",
      "weft");
  app.set_version_flag("--version", "weft " WEFT_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer("'weft COMMAND --help' shows the flags of a command and an example.");
  Invocation invocation;
  add_run(app, invocation);
  add_serve(app, invocation);
  add_trace(app, invocation);
  add_explain(app, invocation);
  add_reading(app, invocation);
  add_logs(app, invocation);
  add_import(app, invocation);
  add_metrics(app, invocation);
  add_writing(app, invocation);
  add_instrument(app, invocation);
  add_jsonata(app, invocation);
  add_jsonpath(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    if (argc == 1) {
      fmt::print("{}", app.help());
      return kSetupError;
    }
    if (app.get_subcommands().empty() && argv[1][0] != '-') {
      return fail_with(fmt::format("'{}' is no command; 'weft --help' lists them", argv[1]),
                       kSetupError);
    }
    return fail_with(error.what(), kSetupError);
  }
  const auto status = invocation.command();
  return status ? *status : fail_with(status.error().message, kSetupError);
}

}  // namespace weft::cli
