#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/validate.h"

// The command line as CLI11 sees it: what all commands share, and one function a command that adds
// it with its flags. Parsing fills an Invocation; nothing runs before it has ended.

namespace weft::cli {

inline constexpr const char* kRunGroup = "Run workflows";
inline constexpr const char* kLookGroup = "See what happened";
inline constexpr const char* kWriteGroup = "Write definitions";

using Command = std::function<base::Result<int>()>;

// Everything the flags are parsed into, and the command that was chosen.
struct Invocation {
  RunFlags run;
  ServeFlags serve;
  InvokeFlags invoke;
  TestStateFlags test_state;
  ReplayFlags replay;
  RedriveFlags redrive;
  TraceFlags trace;
  UiFlags ui;
  SynthRunFlags synth_run;
  HistoryFlags history;
  ReadFlags describe;
  ListFlags list;
  ExplainFlags explain;
  LogsFlags logs;
  MetricsFlags metrics;
  DoctorFlags doctor;
  JsonataFlags jsonata;
  JsonpathFlags jsonpath;
  ImportFlags import;
  InstrumentFlags instrument;
  ValidateFlags validate;
  ConvertFlags convert;
  Command command;
};

// The type name of an option says the values already.
CLI::Validator one_of(std::set<std::string> values);
CLI::Validator any_case_of(std::set<std::string> values);  // for transform(): gives these words
CLI::Validator whole_number(int64_t low, int64_t high);

// --accept-data-loss, which no file of settings can hold.
void add_accept_data_loss(CLI::App& command, bool& accept);

// Flags that several commands take.
void add_redact_flags(CLI::App& command, RedactFlags& flags);
// Where a definition lies in a template, and the values of its `${Name}`.
void add_definition_flags(CLI::App& command, std::string& resource,
                          std::vector<std::string>& substitutes);
// --template, and the values of its parameters.
void add_template_flags(CLI::App& command, TemplateFlags& flags);
void add_runtime_flags(CLI::App& command, RuntimeFlags& flags);
void add_function_flag(CLI::App& command, std::vector<std::string>& functions);
// Of these, those that say which functions and buckets there are.
void add_function_flags(CLI::App& command, RuntimeFlags& flags);
// What leads to a file of settings (cli/settings.h): a command without it takes none.
void add_config_flag(CLI::App& command);
void add_integration_flags(CLI::App& command, RuntimeFlags& flags);
void add_json(CLI::App& command, bool& json);
void add_no_pager(CLI::App& command, bool& pager);
void add_data_flags(CLI::App& command, DataFlags& flags);
void add_read_flags(CLI::App& command, ReadFlags& flags, const std::string& what);

// All of them (app.cc).
void add_commands(CLI::App& app, Invocation& invocation);
// After parsing: gives `command`, which was chosen, what its file of settings says
// (cli/settings.h).
base::Result<void> take_settings(const CLI::App& app, CLI::App& command, Invocation& invocation);

// Commands that run one thing once more or alone (app_replay.cc).
void add_invoke(CLI::App& app, Invocation& invocation);
void add_test_state(CLI::App& app, Invocation& invocation);
void add_replay(CLI::App& app, Invocation& invocation);
void add_redrive(CLI::App& app, Invocation& invocation);

// Commands that look at what happened (app_look.cc).
void add_trace(CLI::App& app, Invocation& invocation);
void add_ui(CLI::App& app, Invocation& invocation);
void add_explain(CLI::App& app, Invocation& invocation);
void add_reading(CLI::App& app, Invocation& invocation);
void add_logs(CLI::App& app, Invocation& invocation);
void add_import(CLI::App& app, Invocation& invocation);
void add_metrics(CLI::App& app, Invocation& invocation);
void add_doctor(CLI::App& app, Invocation& invocation);
// Commands about definitions and expressions (app_write.cc).
void add_writing(CLI::App& app, Invocation& invocation);
void add_convert(CLI::App& app, Invocation& invocation);
void add_debug(CLI::App& app, Invocation& invocation);
void add_instrument(CLI::App& app, Invocation& invocation);
void add_jsonata(CLI::App& app, Invocation& invocation);
void add_jsonpath(CLI::App& app, Invocation& invocation);

}  // namespace weft::cli
