#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "api/log_lines.h"
#include "arn/arn.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/moment.h"
#include "json/write.h"
#include "reading/function_logs.h"
#include "terminal/pager.h"
#include "trace/identity.h"
#include "trace/log_level.h"
#include "trace/runtime_line.h"

namespace weft::cli {
namespace {

using reading::FunctionLine;
using reading::FunctionLogs;
using reading::LogQuestion;
using trace::LogLine;

constexpr size_t kSourceWidth = 12;     // "stderr ERROR"
constexpr size_t kMapNameMax = 16;      // on a terminal
constexpr size_t kChildColumnMax = 28;  // on a terminal
constexpr size_t kContinued = 6;        // where the second line of what was logged begins

// "Each[17]"; of a nested execution its state machine; of one nested in a child "Each[17] inner"
std::string column_of(const FunctionLine::Child& child, const terminal::Terminal& terminal) {
  std::string column;
  if (!child.arn.empty()) {
    const size_t room = terminal.cuts ? kMapNameMax : terminal::kUnbounded;
    column = fmt::format("{}[{}]", terminal::cut_middle(terminal::single_line(child.map), room),
                         child.index);
  }
  if (child.nested.empty()) return column;
  const auto parts = arn::parse_states_arn(child.nested);
  column += column.empty() ? "" : " ";
  column += terminal::single_line(parts ? parts->machine : child.nested);
  return terminal::cut_middle(column, terminal.cuts ? kChildColumnMax : terminal::kUnbounded);
}

std::string call_of(const FunctionLine& line, const terminal::Terminal& terminal) {
  std::string call;
  if (line.child != nullptr) {
    const std::string& arn = line.child->logged_by();
    call = fmt::format("{} {}, ", column_of(*line.child, terminal), arn::execution_name_of(arn));
  }
  if (line.state.empty()) return call + "of no known call";
  return call + fmt::format("{}, attempt {}, request {}", terminal::single_line(line.state),
                            line.attempt, line.line.request_id);
}

// The level of a line in one spelling, or the severity it was sent with when that is none.
std::string level_name(const LogLine& line) {
  const auto level = trace::level_of(line);
  return level == trace::LogLevel::kUnknown ? line.severity : std::string(trace::to_string(level));
}

// Without what a runtime puts before it, which the heading and the columns say already.
std::string_view text_of(const LogLine& line) {
  const auto logged = trace::parse_runtime_line(line.text);
  const bool own = logged && (logged->request_id == line.request_id || logged->request_id.empty() ||
                              logged->request_id == "undefined");
  return own ? logged->message : std::string_view(line.text);
}

// `used`: columns of its first line that are taken. What was logged at once may have lines of its
// own: they stand below each other.
std::string shown(const LogLine& line, const terminal::Terminal& terminal, size_t used) {
  constexpr size_t kKiB = 1'024;
  if (line.not_kept == 0) {
    const bool bad = trace::level_of(line) >= trace::LogLevel::kError;
    const std::string text = terminal::lines(text_of(line), terminal.room(), used, kContinued);
    return bad ? terminal.red(text) : text;
  }
  const std::string text =
      line.source != LogLine::Source::kOtlp
          ? fmt::format("... {} of this call not kept ({} KiB a call)",
                        terminal::counted(line.not_kept, "earlier line"),
                        base::kCallLogBytesMax / kKiB)
          : fmt::format("... further records of this call were not kept ({} KiB a call)",
                        base::kCallLogBytesMax / kKiB);
  return terminal.yellow(terminal::wrapped(text, terminal.room(), used, kContinued));
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
  // `filtered`: only some lines are asked for.
  Printer(const terminal::Terminal& terminal, bool json, bool follow, bool filtered)
      : terminal_(terminal), json_(json), follow_(follow), filtered_(filtered) {}

  void print(const FunctionLine& line) {
    json_ ? print_json(line) : print_text(line);
    ++lines_;
  }
  // What follows the lines.
  void finish(const FunctionLogs& logs) {
    if (json_ && !follow_) {
      json::Arena arena;
      aws::Answer answer(arena);
      answer.text("arn", logs.arn).text_if("note", logs.note);
      if (logs.without_level > 0)
        answer.number("withoutLevel", static_cast<int64_t>(logs.without_level));
      const std::string members = answer.to_text();
      terminal::print_json(
          fmt::format("{}],{}", lines_ == 0 ? "{\"lines\":[" : "", members.substr(1)));
    } else if (lines_ > 0 || !logs.note.empty()) {
      if (!logs.note.empty()) terminal::say(stderr, logs.note);
    } else {
      terminal::say(stderr, fmt::format("No function call of {} printed or logged anything{}",
                                        logs.arn, filtered_ ? " like this" : ""));
    }
    if (logs.without_level > 0 && (!json_ || follow_)) {
      terminal::say(stderr, fmt::format("{} that say no level are left out by --level",
                                        terminal::counted(logs.without_level, "line")));
    }
  }
  uint64_t lines() const { return lines_; }

 private:
  void print_json(const FunctionLine& line) {
    json::Arena arena;
    const std::string text = json::to_text(api::log_line_value(line, arena));
    if (follow_) return terminal::print_json(text);
    fmt::print("{}{}", lines_ == 0 ? "{\"lines\":[" : ",\n", terminal::printable_json(text));
  }

  void print_text(const FunctionLine& shown_line) {
    const LogLine& line = shown_line.line;
    if (std::string call = terminal::single_line(call_of(shown_line, terminal_));
        call != last_call_) {
      fmt::print("{}\n", terminal_.bold(terminal::wrapped(call, terminal_.room(), 0, 4)));
      last_call_ = std::move(call);
    }
    std::string child;
    if (shown_line.child != nullptr) {
      child = column_of(*shown_line.child, terminal_);
      column_ = std::max(column_, terminal::display_width(child));
      child = terminal::fit(child, column_) + "  ";
    }
    std::string source(trace::to_string(line.source));
    if (const std::string level = level_name(line); !level.empty())
      source += " " + terminal::single_line(level);
    const std::string time = time_of_day(line.time_ns);
    const size_t used = 2 + time.size() + 2 + terminal::display_width(child) + kSourceWidth + 2;
    fmt::print("  {}  {}{}  {}\n", terminal_.dim(time), terminal_.dim(child),
               terminal_.dim(terminal::fit(source, kSourceWidth)), shown(line, terminal_, used));
  }

  const terminal::Terminal terminal_;
  const bool json_;
  const bool follow_;
  const bool filtered_;
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
  if (arn::arn_parts(arn).kind == "mapRun") {
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

// Goes on until the execution has ended and nothing more comes.
base::Result<FunctionLogs> follow_logs(const LogsFlags& flags, LogQuestion question,
                                       const trace::Redactor& payloads, Printer& printer) {
  NewBlocks blocks;
  question.wants = [&blocks](uint64_t sequence) { return blocks.take(sequence); };
  FunctionLogs last;
  auto followed = follow(flags.read.data, [&](const DataDirectory& data) -> base::Result<bool> {
    const reading::Query& query = *data.query;
    auto arn = question.arn.empty() ? query.execution_arn(**query.find_request(flags.read.arn))
                                    : question.arn;
    if (!arn) return std::unexpected(arn.error());
    auto running = is_running(query, *arn);
    if (!running) return std::unexpected(running.error());
    question.note = !*running;
    auto logs = reading::read_function_logs(query, question, payloads,
                                            [&](const FunctionLine& line) { printer.print(line); });
    if (!logs) return std::unexpected(logs.error());
    last = std::move(*logs);
    std::fflush(stdout);
    return blocks.end() || *running;
  });
  if (!followed) return std::unexpected(followed.error());
  return last;
}

}  // namespace

base::Result<int> logs_command(const LogsFlags& flags) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.redact));
  if (!payloads) return base::fail(payloads.error().code, "--redact: " + payloads.error().message);
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  auto question = question_of(*data->query, flags);
  if (!question) return std::unexpected(question.error());
  const terminal::Terminal terminal = terminal::Terminal::of(stdout);
  const terminal::Pager pager(terminal, flags.read.pager && !flags.read.json && !flags.follow);
  const bool filtered =
      flags.own || flags.errors_only || flags.attempt != 0 ||
      !(flags.child.empty() && flags.state.empty() && flags.request.empty() &&
        flags.level.empty() && flags.grep.empty() && flags.since.empty() && flags.until.empty());
  Printer printer(terminal, flags.read.json, flags.follow, filtered);
  auto logs = flags.follow ? follow_logs(flags, std::move(*question), *payloads, printer)
                           : reading::read_function_logs(
                                 *data->query, *question, *payloads,
                                 [&](const FunctionLine& line) { printer.print(line); });
  if (!logs) return std::unexpected(logs.error());
  printer.finish(*logs);
  return 0;
}

}  // namespace weft::cli
