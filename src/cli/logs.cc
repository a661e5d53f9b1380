#include <string>

#include <fmt/format.h>

#include "api/answer.h"
#include "api/log_lines.h"
#include "base/limits.h"
#include "base/time.h"
#include "cli/commands.h"
#include "runtime/function_logs.h"

namespace weft::cli {
namespace {

using runtime::FunctionLogs;
using trace::LogLine;

constexpr size_t kSourceWidth = 11;  // "otlp ERROR "

std::string call_of(const FunctionLogs::Line& line) {
  if (line.state.empty()) return "of no known call";
  return fmt::format("{}, attempt {}, request {}", line.state, line.attempt, line.line.request_id);
}

std::string shown(const LogLine& line, const Terminal& terminal) {
  constexpr size_t kKiB = 1'024;
  if (line.not_kept == 0) {
    const bool bad = line.severity.starts_with("ERR") || line.severity.starts_with("FATAL");
    return bad ? terminal.red(printable(line.text)) : printable(line.text);
  }
  return terminal.yellow(
      line.source == LogLine::Source::kStdout
          ? fmt::format("... {} earlier lines of this call were not kept ({} KiB a call)",
                        grouped(line.not_kept), base::kCallLogBytesMax / kKiB)
          : fmt::format("... further records of this call were not kept ({} KiB a call)",
                        base::kCallLogBytesMax / kKiB));
}

// "2025-01-31T08:00:00.123Z" -> "08:00:00.123"
std::string time_of_day(int64_t time_ns) {
  const std::string text = base::format_iso_ms(time_ns / 1'000'000);
  const size_t at = text.find('T');
  return text.substr(at + 1, text.size() - at - 2);
}

void print_lines(const FunctionLogs& logs, const Terminal& terminal) {
  std::string last;
  for (const FunctionLogs::Line& line : logs.lines) {
    if (std::string call = call_of(line); call != last) {
      fmt::print("{}\n", terminal.bold(call));
      last = std::move(call);
    }
    std::string source(trace::to_string(line.line.source));
    if (!line.line.severity.empty()) source += " " + single_line(line.line.severity);
    fmt::print("  {}  {}  {}\n", terminal.dim(time_of_day(line.line.time_ns)),
               terminal.dim(padded(source, kSourceWidth)), shown(line.line, terminal));
  }
}

}  // namespace

base::Result<int> logs_command(const LogsFlags& flags) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.redact));
  if (!payloads) return base::fail(payloads.error().code, "--redact: " + payloads.error().message);
  auto data = open_data_directory(flags.read.data_directory);
  if (!data) return std::unexpected(data.error());
  runtime::LogQuestion question{
      .request_id = flags.request, .state = flags.state, .attempt = flags.attempt};
  // A request id will do as well.
  auto call = data->query->find_request(flags.read.arn);
  if (!call) return std::unexpected(call.error());
  if (*call) {
    question.request_id = flags.read.arn;
  } else {
    auto arn = resolve_arn(*data->query, flags.read.arn);
    if (!arn) return std::unexpected(arn.error());
    question.arn = std::move(*arn);
  }
  auto logs = runtime::read_function_logs(*data->query, question);
  if (!logs) return std::unexpected(logs.error());
  if (flags.read.json) {
    json::Arena arena;
    fmt::print("{}\n", api::Answer(arena)
                           .text("arn", logs->execution_arn)
                           .value("lines", api::log_lines_value(logs->lines, *payloads, arena))
                           .text_if("note", logs->note)
                           .to_text());
    return 0;
  }
  print_lines(*logs, Terminal::of(stdout));
  if (logs->lines.empty()) {
    fmt::print(stderr, "{}\n",
               logs->note.empty() ? "No function call of " + logs->execution_arn +
                                        " printed or logged anything (children have lines of "
                                        "their own: weft logs CHILD)"
                                  : logs->note);
  }
  return 0;
}

}  // namespace weft::cli
