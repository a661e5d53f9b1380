#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "api/log_lines.h"
#include "arn/arn.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/moment.h"
#include "json/write.h"
#include "reading/function_logs.h"
#include "server/interrupts.h"
#include "trace/identity.h"
#include "trace/log_level.h"
#include "trace/runtime_line.h"

namespace weft::cli {
namespace {

using reading::FunctionLine;
using reading::FunctionLogs;
using reading::LogQuestion;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using trace::LogLine;

constexpr size_t kSourceWidth = 12;  // "stderr ERROR"
constexpr size_t kMapNameMax = 16;
constexpr milliseconds kPause{500};
constexpr milliseconds kLookForInterrupt{50};
constexpr int kWorkShare = 3;  // at most a third of the time goes into reading

// "Each[17]"; of a nested execution its state machine; of one nested in a child "Each[17] inner"
std::string column_of(const FunctionLine::Child& child) {
  std::string column;
  if (!child.arn.empty()) {
    const std::string map = terminal::single_line(child.map);
    column = fmt::format(
        "{}[{}]",
        terminal::display_width(map) > kMapNameMax ? terminal::cut(map, kMapNameMax) : map,
        child.index);
  }
  if (child.nested.empty()) return column;
  const auto parts = arn::parse_states_arn(child.nested);
  return fmt::format("{}{}{}", column, column.empty() ? "" : " ",
                     parts ? parts->machine : child.nested);
}

std::string call_of(const FunctionLine& line) {
  std::string call;
  if (line.child != nullptr) {
    const std::string& arn = line.child->logged_by();
    call = fmt::format("{} {}, ", column_of(*line.child), arn::execution_name_of(arn));
  }
  if (line.state.empty()) return call + "of no known call";
  return call + fmt::format("{}, attempt {}, request {}", terminal::single_line(line.state),
                            line.attempt, line.line.request_id);
}

// The level of a line in one spelling, or the severity it was sent with when that is none.
std::string level_name(const LogLine& line) {
  constexpr std::array<std::string_view, 7> kNames = {"",     "TRACE", "DEBUG", "INFO",
                                                      "WARN", "ERROR", "FATAL"};
  const auto level = trace::level_of(line);
  return level == trace::LogLevel::kUnknown ? line.severity
                                            : std::string(kNames[static_cast<size_t>(level)]);
}

// Without what a runtime puts before it, which the heading and the columns say already.
std::string_view text_of(const LogLine& line) {
  const auto logged = trace::parse_runtime_line(line.text);
  const bool own = logged && (logged->request_id == line.request_id || logged->request_id.empty() ||
                              logged->request_id == "undefined");
  return own ? logged->message : std::string_view(line.text);
}

// What was logged at once may have lines of its own: they stand below each other.
std::string lines_of(std::string_view text) {
  constexpr std::string_view kIndent = "      ";
  std::string lines;
  while (true) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines += terminal::printable(text.substr(0, end), terminal::Tabs::kKept);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (text.empty()) return lines;
    (lines += '\n') += kIndent;
  }
}

std::string shown(const LogLine& line, const terminal::Terminal& terminal) {
  constexpr size_t kKiB = 1'024;
  if (line.not_kept == 0) {
    const bool bad = trace::level_of(line) >= trace::LogLevel::kError;
    const std::string text = lines_of(text_of(line));
    return bad ? terminal.red(text) : text;
  }
  return terminal.yellow(
      line.source != LogLine::Source::kOtlp
          ? fmt::format("... {} earlier lines of this call were not kept ({} KiB a call)",
                        terminal::grouped(line.not_kept), base::kCallLogBytesMax / kKiB)
          : fmt::format("... further records of this call were not kept ({} KiB a call)",
                        base::kCallLogBytesMax / kKiB));
}

// "2025-01-31T08:00:00.123Z" -> "08:00:00.123"
std::string time_of_day(int64_t time_ns) {
  const std::string text = base::format_iso_ms(time_ns / 1'000'000);
  const size_t at = text.find('T');
  return text.substr(at + 1, text.size() - at - 2);
}

// Writes lines as they come: text, or JSON: one object with all of them, or of a list that goes on
// a line each.
class Printer {
 public:
  Printer(const terminal::Terminal& terminal, bool json, bool follow)
      : terminal_(terminal), json_(json), follow_(follow) {}

  void print(const FunctionLine& line) {
    json_ ? print_json(line) : print_text(line);
    ++lines_;
  }
  // What follows the lines.
  void finish(const FunctionLogs& logs) {
    if (json_ && !follow_) {
      json::Arena arena;
      std::string members =
          aws::Answer(arena).text("arn", logs.arn).text_if("note", logs.note).to_text();
      fmt::print("{}],{}\n", lines_ == 0 ? "{\"lines\":[" : "", members.substr(1));
    } else if (lines_ > 0 || !logs.note.empty()) {
      if (!logs.note.empty()) fmt::print(stderr, "{}\n", logs.note);
    } else {
      fmt::print(stderr, "No function call of {} printed or logged anything like this\n", logs.arn);
    }
  }
  uint64_t lines() const { return lines_; }

 private:
  void print_json(const FunctionLine& line) {
    json::Arena arena;
    const std::string text = json::to_text(api::log_line_value(line, arena));
    if (follow_) {
      fmt::print("{}\n", text);
    } else {
      fmt::print("{}{}", lines_ == 0 ? "{\"lines\":[" : ",\n", text);
    }
  }

  void print_text(const FunctionLine& shown_line) {
    const LogLine& line = shown_line.line;
    if (std::string call = call_of(shown_line); call != last_call_) {
      fmt::print("{}\n", terminal_.bold(call));
      last_call_ = std::move(call);
    }
    std::string child;
    if (shown_line.child != nullptr) {
      child = column_of(*shown_line.child);
      column_ = std::max(column_, terminal::display_width(child));
      child = terminal_.dim(terminal::fit(child, column_)) + "  ";
    }
    std::string source(trace::to_string(line.source));
    if (const std::string level = level_name(line); !level.empty())
      source += " " + terminal::single_line(level);
    fmt::print("  {}  {}{}  {}\n", terminal_.dim(time_of_day(line.time_ns)), child,
               terminal_.dim(terminal::fit(source, kSourceWidth)), shown(line, terminal_));
  }

  const terminal::Terminal terminal_;
  const bool json_;
  const bool follow_;
  uint64_t lines_ = 0;
  std::string last_call_;
  size_t column_ = 0;
};

base::Result<LogQuestion> question_of(const reading::Query& query, const LogsFlags& flags) {
  LogQuestion question{.request_id = flags.request,
                       .own = flags.own,
                       .state = flags.state,
                       .attempt = flags.attempt,
                       .text = flags.grep};
  // A request id will do as well.
  auto call = query.find_request(flags.read.arn);
  if (!call) return std::unexpected(call.error());
  if (*call) {
    question.request_id = flags.read.arn;
  } else {
    auto arn = resolve_arn(query, flags.read.arn);
    if (!arn) return std::unexpected(arn.error());
    question.arn = std::move(*arn);
  }
  if (!flags.child.empty()) {
    auto child = resolve_arn(query, flags.child);
    if (!child) return std::unexpected(child.error());
    question.child = std::move(*child);
  }
  const std::string level = flags.errors_only ? "error" : flags.level;
  question.level = trace::parse_log_level(level).value_or(trace::LogLevel::kUnknown);
  for (const auto& [flag, text, bound] : {std::tuple{"--since", &flags.since, &question.from_ns},
                                          std::tuple{"--until", &flags.until, &question.to_ns}}) {
    if (text->empty()) continue;
    auto moment = parse_moment(flag, *text);
    if (!moment) return std::unexpected(moment.error());
    *bound = *moment * 1'000'000;
  }
  return question;
}

base::Result<bool> is_running(const reading::Query& query, const std::string& arn) {
  if (arn.find(":mapRun:") != std::string::npos) {
    auto run = query.map_run(arn);
    if (!run) return std::unexpected(run.error());
    return run->status == records::MapRunStatus::kRunning;
  }
  auto execution = query.execution(arn);
  if (!execution) return std::unexpected(execution.error());
  return execution->status == history::ExecutionStatus::kRunning;
}

// Which stored blocks are new since the last look. Blocks may be stored in another order than that
// of their sequence numbers, but not by so many.
class NewBlocks {
 public:
  bool take(uint64_t sequence) {
    seen_.insert(sequence);
    if (seen_.size() > kMax) seen_.erase(seen_.begin());
    const bool fresh = sequence >= floor_ && !seen_before_.contains(sequence);
    any_ = any_ || fresh;
    return fresh;
  }
  // Ends a look. Whether it found any.
  bool end() {
    seen_before_ = std::exchange(seen_, {});
    floor_ = seen_before_.size() == kMax ? *seen_before_.begin() : 0;
    return std::exchange(any_, false);
  }

 private:
  static constexpr size_t kMax = 10'000;
  std::set<uint64_t> seen_;         // the latest of this look
  std::set<uint64_t> seen_before_;  // the latest of the one before: all from floor_ on
  uint64_t floor_ = 0;
  bool any_ = false;
};

// Reads the data directory again and again until the execution has ended and nothing more comes, or
// Ctrl-C does: a store is read as it was when it was opened.
base::Result<FunctionLogs> follow(const LogsFlags& flags, LogQuestion question,
                                  const trace::Redactor& payloads, Printer& printer) {
  server::Interrupts::install();
  NewBlocks blocks;
  question.wants = [&blocks](uint64_t sequence) { return blocks.take(sequence); };
  while (true) {
    const auto start = steady_clock::now();
    auto data = open_data(flags.read.data);
    if (!data) return std::unexpected(data.error());
    const reading::Query& query = *data->query;
    auto arn = question.arn.empty() ? query.execution_arn(**query.find_request(flags.read.arn))
                                    : question.arn;
    if (!arn) return std::unexpected(arn.error());
    auto running = is_running(query, *arn);
    if (!running) return std::unexpected(running.error());
    question.note = !*running;
    auto logs = reading::read_function_logs(query, question, payloads,
                                            [&](const FunctionLine& line) { printer.print(line); });
    if (!logs) return logs;
    std::fflush(stdout);
    const bool more = blocks.end();
    if ((!*running && !more) || server::Interrupts::count() > 0) return logs;
    const auto pause =
        std::max<steady_clock::duration>(kPause, (steady_clock::now() - start) * (kWorkShare - 1));
    const auto next = steady_clock::now() + pause;
    while (server::Interrupts::count() == 0 && steady_clock::now() < next)
      std::this_thread::sleep_for(kLookForInterrupt);
  }
}

}  // namespace

base::Result<int> logs_command(const LogsFlags& flags) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.redact));
  if (!payloads) return base::fail(payloads.error().code, "--redact: " + payloads.error().message);
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  auto question = question_of(*data->query, flags);
  if (!question) return std::unexpected(question.error());
  Printer printer(terminal::Terminal::of(stdout), flags.read.json, flags.follow);
  auto logs = flags.follow ? follow(flags, std::move(*question), *payloads, printer)
                           : reading::read_function_logs(
                                 *data->query, *question, *payloads,
                                 [&](const FunctionLine& line) { printer.print(line); });
  if (!logs) return std::unexpected(logs.error());
  printer.finish(*logs);
  return 0;
}

}  // namespace weft::cli
