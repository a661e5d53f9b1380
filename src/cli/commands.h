#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/flags.h"
#include "cli/trace_children.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

// The commands of the program, one file each. Each prints its answer and returns the exit status;
// an error is one sentence for standard error, and the status is then 2.

namespace weft::cli {

inline constexpr int kSetupError = 2;

struct RunFlags {
  RuntimeFlags runtime;
  // File, or a template; "" only with resume: then any open execution, else those of its state
  // machine first.
  std::string definition;
  std::string resource;                  // logical ID in the template; "" = its only state machine
  std::string preferred;                 // of several, without `resource`: the one with this name
  std::vector<std::string> substitutes;  // NAME=VALUE or @FILE
  std::vector<std::string> machines;     // [NAME=]FILE[,type=EXPRESS] of those that tasks may start
  std::string input = "{}";              // JSON, or @FILE
  bool input_given = false;              // somebody named it
  std::string name;                      // "" = a fresh one
  std::string type = "STANDARD";         // of the definition's machine, or EXPRESS; a template says
  bool every_machine = false;            // of a template, not only the one and those it starts
  bool resume = false;
  bool ui = false;  // serves the page on after the end
  bool json = false;
};
// Status: 0 SUCCEEDED, 1 FAILED, 3 TIMED_OUT, 130 ABORTED.
base::Result<int> run_command(const RunFlags& flags);

struct RedriveFlags {
  RunFlags run;  // of it the runtime, `ui` and `json`
  TemplateFlags project;
  std::string execution = "latest";  // ARN, or a name
};
// Makes an execution that ended without success go on where it stopped, and follows it as run does.
// Status: that of run.
base::Result<int> redrive_command(const RedriveFlags& flags);

struct ServeFlags {
  RuntimeFlags runtime;
  // As in RunFlags: state machines that are there from the start; "" = none.
  std::string definition;
  std::string resource;
  std::vector<std::string> substitutes;
  std::vector<std::string> machines;
  std::string type = "STANDARD";
  bool watch = false;  // take up what changes in definitions and functions
  std::string port_file;
  bool json = false;
};
base::Result<int> serve_command(const ServeFlags& flags);

struct InvokeFlags {
  RuntimeFlags runtime;        // functions and buckets
  TemplateFlags project;       // more of them
  std::string function;        // its name or ARN
  std::string payload = "{}";  // JSON, or @FILE
  bool json = false;
};
// Calls a function once, in a data directory of its own that goes with it. Status: 0 an answer, 1
// the function failed or timed out, 130 interrupted.
base::Result<int> invoke_command(const InvokeFlags& flags);

struct TestStateFlags {
  RuntimeFlags runtime;                  // functions, buckets, services
  std::string definition;                // of one state, or of a machine; or a template
  std::string resource;                  // logical ID in the template
  std::vector<std::string> substitutes;  // NAME=VALUE or @FILE
  std::string state;                     // its name in the machine; "" = the file is one state
  std::string level = "DEBUG";
  bool reveal_secrets = false;
  // JSON, or @FILE; "" = none.
  std::string input = "{}";
  std::string variables;
  std::string context;
  std::string mock_result;
  std::string reader_data;
  std::string mock_error;  // NAME[:CAUSE]; "" = none
  std::string validation;  // STRICT, PRESENT, NONE; "" = STRICT
  int64_t retries = -1;    // -1: not said
  int64_t failed_items = -1;
  std::string caused_by;
  bool json = false;
};
// Runs one state as TestState does, in a data directory of its own that goes with it. Status: 0
// SUCCEEDED, 1 anything else came of it.
base::Result<int> test_state_command(const TestStateFlags& flags);

// Where and how a reading command looks.
struct ReadFlags {
  DataFlags data;
  std::string arn;  // or "latest"
  bool json = false;
  bool pager = true;  // of long answers on a terminal
};

struct ReplayFlags {
  ReadFlags read;                     // of what is run again
  RuntimeFlags runtime;               // with which functions, buckets, ...; data_directory: where
                                      // it runs, "" = `replay` below that of `read`
  TemplateFlags project;              // more functions and buckets
  std::string definition;             // file, or a template; "" = the one that was recorded
  std::string resource;               // logical ID in that template
  std::vector<std::string> machines;  // as in RunFlags
};
// Runs an execution or child again with its recorded input, and shows what differs. Status: as
// run_command's, of the new execution.
base::Result<int> replay_command(const ReplayFlags& flags);

struct TraceFlags {
  ReadFlags read;
  std::string format = "text";  // text, html, otlp, chrome, jaeger, ndjson
  std::string output;           // file; "" = standard output
  std::string push;             // KIND=URL to send the spans to; "" = write them
  int width = 0;                // 0 = the terminal's
  terminal::ColorMode color = terminal::ColorMode::kAuto;
  ChildrenFlags children;  // tables of children instead of the waterfall
  RedactFlags redact;
  bool every_child = false;  // in exports, those beyond the detail budget as well
  bool follow = false;       // draw again until the execution has ended
  bool open = false;         // show it on the page instead
};
base::Result<int> trace_command(const TraceFlags& flags);

struct UiFlags {
  ReadFlags read;  // arn: what to show first; "" = the list
  std::string listen = "127.0.0.1:0";
  bool open = true;  // in a browser, where there is one
  RedactFlags redact;
};
// Serves the page about what lies in a data directory until it is interrupted.
base::Result<int> ui_command(const UiFlags& flags);

struct SynthRunFlags {
  std::string data_directory;
  uint64_t children = 0;
  uint64_t seed = 1;
};
// Writes a Map Run that nobody ran (cli/synth_run.h).
base::Result<int> synth_run_command(const SynthRunFlags& flags);

struct HistoryFlags {
  ReadFlags read;
  bool log_events = false;     // as AWS logs them, one JSON object a line
  std::string level;           // OFF, FATAL, ERROR, ALL; "" = the state machine's
  std::string execution_data;  // true, false; "" = the same
};
base::Result<int> history_command(const HistoryFlags& flags);
base::Result<int> describe_command(const ReadFlags& flags);

struct LogsFlags {
  ReadFlags read;        // arn: or a request id
  bool own = false;      // none of children
  std::string child;     // ARN or name: of this one only; "" = all
  std::string request;   // "" = all calls
  std::string state;     // "" = all
  uint32_t attempt = 0;  // 0 = all
  std::string level;     // at least; "" = all
  bool errors_only = false;
  std::string grep;   // contained in the line
  std::string since;  // a time or an age; "" = everything
  std::string until;
  bool follow = false;  // until the execution has ended
  RedactFlags redact;
};
base::Result<int> logs_command(const LogsFlags& flags);

struct ExplainFlags {
  ReadFlags read;                    // arn: an execution's or a Map Run's
  std::vector<std::string> filters;  // explain these; empty: the failed and the slow
};
base::Result<int> explain_command(const ExplainFlags& flags);

struct ListFlags {
  ReadFlags read;  // arn: of a state machine or a Map Run; "" = all executions
  std::string status;
  size_t limit = 20;
};
base::Result<int> list_command(const ListFlags& flags);

struct DoctorFlags {
  std::string data_directory = kDefaultDataDirectory;
  std::string salvage;  // a new data directory for what can be read; "" = none
  bool json = false;
};
// Reads all that a data directory holds, against its checksums and against itself. Status: 0 whole,
// 1 damaged; with `salvage` 0: all of it is in the new one, 1: something is missing there.
base::Result<int> doctor_command(const DoctorFlags& flags);

struct MetricsFlags {
  std::string data_directory = kDefaultDataDirectory;
  std::string endpoint;  // URL of a running weft to ask instead; "" = read the data directory
  std::string machine;   // name; "" = all
  std::string from;      // a time or an age; "" = everything
  std::string to;
  bool json = false;
};
base::Result<int> metrics_command(const MetricsFlags& flags);

struct JsonataFlags {
  std::string expression;
  std::string input;     // file, "-" = standard input, "" = none
  std::string bindings;  // file with an object: variable to value; "" = none
  int64_t timeout_seconds = 1;
  std::string dialect;   // aws, reference; "" = aws for an expression, reference for suites
  std::string cases;     // suite file to run instead of an expression
  std::string datasets;  // folder with the inputs the cases name
  bool failed_only = false;
  std::string bench;        // folder of expressions to time instead of an expression
  std::string only;         // cases and benchmarks whose name contains this
  int64_t evaluations = 0;  // with bench: this many in all, watching memory; 0 = time them
  int64_t round_ms = 300;   // with bench: length of a round
  bool json = false;
};
// Status: 0 a value or nothing, 1 the expression is wrong or fails.
base::Result<int> jsonata_command(const JsonataFlags& flags);
// Runs the cases of a conformance suite, one JSON object a line. Status: 0 all passed.
base::Result<int> jsonata_cases(const JsonataFlags& flags);
// Times evaluation and parsing of the expressions in a folder. Status: 0 all results as expected.
base::Result<int> jsonata_bench(const JsonataFlags& flags);

struct JsonpathFlags {
  std::string path;       // or a call of an intrinsic function
  std::string input;      // JSON, @FILE or a file's name, "-" = standard input, "" = null
  std::string context;    // the same: the context object; "" = none
  std::string variables;  // the same: an object, variable to value; "" = none
  std::string cases;      // file of cases to run instead of a path
  bool failed_only = false;
  bool json = false;
};
// Status: 0 a value, 1 the path is none or fails.
base::Result<int> jsonpath_command(const JsonpathFlags& flags);
// Runs the cases of a file of vectors, one JSON object a line. Status: 0 all passed.
base::Result<int> jsonpath_cases(const JsonpathFlags& flags);

struct ImportFlags {
  std::vector<std::string> files;  // "-" = standard input
  std::string data_directory = kDefaultDataDirectory;
  bool accept_data_loss = false;
  std::string machine_definition;  // file; "" = none
  std::string execution;           // ARN that histories among the files are of; without files: what
                                   // to fetch from AWS
  std::string map_run;             // its Map Run when it is a child
  std::string region;              // of AWS; "" = the ARN's
  std::string endpoint_url;        // "" = AWS's
  std::string profile;             // "" = the environment's
  int concurrency = 8;             // requests at once
  int nested = 10'000;             // nested executions fetched at most
  bool json = false;
};
// What files may hold, for people.
inline constexpr std::string_view kUnderstoodFiles =
    "log events of Step Functions as lines, exports of CloudWatch to S3, output of `aws logs "
    "get-query-results` (with the field @message), `filter-log-events`, `get-log-events` and "
    "`tail` in all formats, results of Logs Insights as CSV or JSON, deliveries of subscriptions, "
    "Firehose and Kinesis, and output of `aws stepfunctions get-execution-history`, whose "
    "execution --execution names.";
// Status: 0 something was read, 1 no line was one of Step Functions.
base::Result<int> import_command(const ImportFlags& flags);

// `weft convert FILE`: prints the definition with its JSONPath states in JSONata, as far as that
// means the same; names the others on standard error. Status: 0 done, 1 the definition is not
// valid.
struct ConvertFlags {
  std::string file;
  std::string resource;  // logical ID, where the file is a template
  std::vector<std::string> substitutes;
};
base::Result<int> convert_command(const ConvertFlags& flags);

struct InstrumentFlags {
  std::string file;
  bool write = false;  // edit the file instead of printing what would change
  bool print = false;  // print the edited definition instead
  terminal::ColorMode color = terminal::ColorMode::kAuto;
};
// Status: 0 done or nothing to do, 1 the definition is not valid.
base::Result<int> instrument_command(const InstrumentFlags& flags);

}  // namespace weft::cli
