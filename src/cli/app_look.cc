#include <fmt/format.h>

#include "cli/app_flags.h"

namespace weft::cli {

namespace {

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

}  // namespace

void add_trace(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("trace", "Draw where the time of an execution went")->group(kLookGroup);
  TraceFlags& flags = invocation.trace;
  add_read_flags(*command, flags.read,
                 "ARN of an execution, child or Map Run; or a name; or 'latest'");
  command
      ->add_option("--format", flags.format,
                   "text: a waterfall; html: the page as one file to hand on; otlp: for "
                   "OpenTelemetry collectors; chrome: for ui.perfetto.dev; "
                   "jaeger: for Jaeger's file upload; ndjson: a span a line")
      ->check(one_of({"text", "html", "otlp", "chrome", "jaeger", "ndjson"}))
      ->type_name("text|html|otlp|chrome|jaeger|ndjson")
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
  add_no_pager(*command, flags.read.pager);
  add_redact_flags(*command, flags.redact);
  command->add_flag("--every-child", flags.every_child,
                    "With --format and --push: also children beyond the detail budget, a span "
                    "each instead of one for each group");
  command->add_flag("--follow", flags.follow, "Draw again until the execution has ended");
  command->add_flag("--open", flags.open, "Show it on the page, until Ctrl-C");
  command->footer(
      "Conditions, of which all must hold: status:failed,timed_out  err:ID or err:NAME  "
      "dur:>1500ms  "
      "dur:100ms..2s  queue:>1s  run:>1s (in functions)  cold:yes  cold:>200ms  start:0..60s  "
      "end:0..60s (since the start "
      "of the map)  retry:>0  batch:>1  size:>1000  lane:0..99  index:17  key:2024/us-east/ (whole "
      "segments, of any item of a batch)  "
      "input.customer.region:eu  input.name:\"with blanks\"  input.id:eu* (begins with)  "
      "input.size:>1000  span.http.status:503  function:resize. Times without a unit are "
      "microseconds.\n\n"
      "Examples:\n  weft trace latest\n  weft trace latest --follow\n"
      "  weft trace latest --filter \"status:failed dur:>1s\"\n"
      "  weft trace latest --group-by error\n"
      "  weft trace latest --filter cold:yes --group-by state --sort p95");
  command->callback([&] { invocation.command = [&] { return trace_command(invocation.trace); }; });
}

void add_ui(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("ui", "Show what a data directory holds on the page, without running it")
          ->group(kLookGroup);
  UiFlags& flags = invocation.ui;
  add_read_flags(*command, flags.read,
                 "What to show first: an ARN, a name, or 'latest' (the list unless given)");
  command->get_option("ARN")->required(false);
  command->add_option("--listen", flags.listen, "Address and port (0: a free port)")
      ->type_name("ADDR:PORT")
      ->capture_default_str();
  command->add_flag("!--no-open", flags.open, "Open no browser");
  add_redact_flags(*command, flags.redact);
  command->footer(
      "It shows what was stored when it began; `weft serve` and `weft run --ui` show what goes "
      "on.\n\n"
      "Example:\n  weft ui latest --data ./data");
  command->callback([&] { invocation.command = [&] { return ui_command(invocation.ui); }; });
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
  add_no_pager(*command, flags.read.pager);
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
  list->add_option(
      "ARN", invocation.list.read.arn,
      "Only those of this state machine; or the finished children of this execution or "
      "Map Run. An ARN, a name, or 'latest'");
  add_data_flags(*list, invocation.list.read.data);
  list->add_option("--status", invocation.list.status, "Only those with this status")
      ->transform(any_case_of({"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}))
      ->type_name("STATUS");
  list->add_option("--limit", invocation.list.limit, "At most so many")
      ->check(whole_number(1, 100'000))
      ->type_name("N")
      ->capture_default_str();
  add_json(*list, invocation.list.read.json);
  add_no_pager(*list, invocation.list.read.pager);
  list->footer("Examples:\n  weft list --status FAILED\n  weft list latest --status FAILED");
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
  HistoryFlags& flags = invocation.history;
  add_read_flags(*history, flags.read, "Its ARN, or a name, or 'latest'");
  add_json(*history, flags.read.json);
  add_no_pager(*history, flags.read.pager);
  auto* log_events = history->add_flag("--log-events", flags.log_events,
                                       "The log events that AWS would write to CloudWatch Logs, of "
                                       "the children of its Map Runs too");
  history->add_option("--level", flags.level, "Log level (the state machine's unless given)")
      ->needs(log_events)
      ->check(one_of({"ALL", "ERROR", "FATAL", "OFF"}))
      ->type_name("ALL|ERROR|FATAL|OFF");
  history
      ->add_option("--execution-data", flags.execution_data,
                   "With input and output (as the state machine says unless given)")
      ->needs(log_events)
      ->check(one_of({"true", "false"}))
      ->type_name("true|false");
  history->footer(
      "Examples:\n  weft history latest --json\n  weft history latest --log-events --level ERROR");
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
  add_no_pager(*command, flags.read.pager);
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
  add_accept_data_loss(*command, flags.accept_data_loss);
  add_config_flag(*command);
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
      "  aws logs filter-log-events --log-group-name /aws/vendedlogs/states/m-Logs \\\n"
      "    > logs.json\n  weft import logs.json && weft trace latest");
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
  add_config_flag(*command);
  command->add_option("--from", flags.from, "Only what happened since then")->type_name("TIME|AGE");
  command->add_option("--to", flags.to, "Only what happened before")->type_name("TIME|AGE");
  add_json(*command, flags.json);
  command->footer(
      "Times are in RFC 3339, ages such as 90s, 15m, 2h, 7d. Percentiles are within 1 %.\n\n"
      "Example:\n  weft metrics --from 1h");
  command->callback(
      [&] { invocation.command = [&] { return metrics_command(invocation.metrics); }; });
}

void add_doctor(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("doctor", "Check everything that a data directory holds")
                          ->group(kLookGroup);
  DoctorFlags& flags = invocation.doctor;
  command->add_option("DIR", flags.data_directory, "The data directory")
      ->type_name("")
      ->capture_default_str();
  command
      ->add_option("--salvage", flags.salvage,
                   "Copy what can be read into this new data directory, too")
      ->type_name("NEW");
  add_json(*command, flags.json);
  command->footer(
      "Reads every file against its checksums and every record against the others, beside a\n"
      "running weft, too. Changes nothing.\n\n"
      "--salvage leaves the damaged directory as it is; no weft may work on it meanwhile. What is\n"
      "missing in the new one is told, and by the doctor of the new one for ever.\n\n"
      "Exit status: 0 nothing is missing, 1 damaged (each finding names a file), 2 no store;\n"
      "with --salvage 0 all was copied, 1 something is missing in the copy, 2 there is no copy.\n\n"
      "Examples:\n  weft doctor .weft\n  weft doctor .weft --salvage saved");
  command->callback(
      [&] { invocation.command = [&] { return doctor_command(invocation.doctor); }; });
}

}  // namespace weft::cli
