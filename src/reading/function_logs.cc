#include "reading/function_logs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reading/trace_source.h"
#include "trace/printed_keys.h"
#include "trace/project.h"
#include "trace/runtime_line.h"

namespace weft::reading {
namespace {

using base::ErrorCode;
using base::fail;
using history::DetailKey;
using history::ExecutionKey;
using trace::LogLine;
using trace::Span;
using trace::SpanKind;

struct Attempt {
  std::string state;
  uint32_t number = 0;
};
using Attempts = std::unordered_map<uint64_t, Attempt>;

// The attempts of an execution by their span ids: those of a Task with several of them, else the
// Task's own.
Attempts attempts_of(const std::vector<Span>& spans) {
  Attempts attempts;
  Attempts states;  // name, and attempts so far
  for (const Span& span : spans) {
    if (span.kind == SpanKind::kState) {
      attempts.try_emplace(span.span_id, Attempt{span.name, 1});
      states.try_emplace(span.span_id, Attempt{span.name, 0});
    } else if (span.kind == SpanKind::kAttempt) {
      const auto state = states.find(span.parent_id);
      if (state == states.end()) continue;
      attempts[span.span_id] = {state->second.state, ++state->second.number};
    }
  }
  return attempts;
}

// The first place behind the lines of one execution.
DetailKey behind(DetailKey key) { return {key, key.nested + 1}; }

void hide_secrets(const trace::Redactor& redactor, LogLine& line) {
  if (line.not_kept == 0) {
    // What was logged may be JSON as a whole, which it is not with the time before it.
    const auto logged = trace::parse_runtime_line(line.text);
    const size_t at = logged ? line.text.size() - logged->message.size() : 0;
    line.text.replace(at, std::string::npos,
                      redactor.clean(std::string_view(line.text).substr(at)));
  }
  for (auto& [key, value] : line.attributes)
    value = redactor.hides(key) ? std::string(trace::kRedacted) : redactor.clean(value);
}

// One list of lines on its way out.
class Reading {
 public:
  Reading(const Query& query, const LogQuestion& question, const trace::Redactor& redactor,
          const std::function<void(const FunctionLine&)>& visit)
      : query_(query), question_(question), redactor_(redactor), visit_(visit) {}

  base::Result<FunctionLogs> read();

 private:
  base::Result<void> find();
  base::Result<void> find_child();
  base::Result<void> add_runs(ExecutionKey parent);
  base::Result<void> add_inner_runs();
  void add_run(records::MapRunRecord run);
  bool reads(uint64_t run) const {
    return std::ranges::find(runs_, run, &records::MapRunRecord::number) != runs_.end();
  }
  base::Result<void> note();
  // A range of stored lines: of children of `run`, or where there is none, its own and those of an
  // execution nested in it.
  struct Section {
    DetailKey from;
    DetailKey to;
    const records::MapRunRecord* run = nullptr;
  };
  std::vector<Section> sections() const;
  base::Result<void> read_between(DetailKey from, const Section& section);
  base::Result<void> read_lines(Query::LoggedLines logged, const Section& section);
  base::Result<std::optional<FunctionLine::Child>> child_of(DetailKey key,
                                                            const Section& section) const;
  base::Result<void> show(LogLine line, trace::LogLevel level, ExecutionKey key,
                          const FunctionLine::Child* child);
  bool wants(const LogLine& line, trace::LogLevel level);
  bool full() const {
    return lines_ >= question_.lines_max || bytes_ >= question_.bytes_max ||
           looks_ >= question_.looks_max;
  }

  const Query& query_;
  const LogQuestion& question_;
  const trace::Redactor& redactor_;
  const std::function<void(const FunctionLine&)>& visit_;
  FunctionLogs logs_;
  std::optional<DetailKey> own_;             // whose lines to read
  std::vector<NestedExecution> nested_;      // and of what is nested in it,
  std::vector<records::MapRunRecord> runs_;  // and of whose children,
  std::optional<DetailKey> child_;           // or of one only
  std::optional<Attempts> attempts_;         // of the execution being read, once they are needed
  size_t lines_ = 0;
  size_t bytes_ = 0;
  size_t looks_ = 0;
};

base::Result<void> Reading::find() {
  if (question_.arn.empty()) {
    if (question_.request_id.empty())
      return fail(ErrorCode::kInvalidArgument, "arn: expected an execution's ARN, or a request id");
    auto key = query_.find_request(question_.request_id);
    if (!key) return std::unexpected(key.error());
    if (!*key) {
      return fail(ErrorCode::kResourceNotFound,
                  fmt::format("No function call with the request id '{}' logged anything here",
                              question_.request_id));
    }
    auto at = query_.detail_key_of(**key);
    if (!at) return std::unexpected(at.error());
    own_ = *at;
    auto arn = query_.execution_arn(**key);
    if (!arn) return std::unexpected(arn.error());
    logs_.arn = std::move(*arn);
    return {};
  }
  logs_.arn = question_.arn;
  const auto parts = arn::parse_states_arn(question_.arn);
  if (parts && parts->kind == "mapRun") {
    auto run = query_.map_run(question_.arn);
    if (!run) return std::unexpected(run.error());
    add_run(std::move(*run));
    if (auto added = add_inner_runs(); !added) return added;
  } else {
    auto key = query_.find_execution(question_.arn);
    if (!key) return std::unexpected(key.error());
    auto at = query_.detail_key_of(*key);
    if (!at) return std::unexpected(at.error());
    own_ = *at;
    if (!question_.own) {
      auto nested = nested_executions(query_, *key);
      if (!nested) return std::unexpected(nested.error());
      nested_ = std::move(*nested);
      if (auto added = add_runs(*key); !added) return added;
      for (const NestedExecution& one : nested_) {
        if (auto added = add_runs(one.key); !added) return added;
      }
      if (auto added = add_inner_runs(); !added) return added;
    }
  }
  return question_.child.empty() ? base::Result<void>() : find_child();
}

base::Result<void> Reading::add_runs(ExecutionKey parent) {
  auto runs = query_.map_runs(parent);
  if (!runs) return std::unexpected(runs.error());
  for (records::MapRunRecord& run : *runs) add_run(std::move(run));
  return {};
}

// Those that children of the runs started, and executions nested in children.
base::Result<void> Reading::add_inner_runs() {
  for (size_t at = 0; at < runs_.size() && runs_.size() < kMapRunsReadMax; ++at) {
    const auto numbers =
        query_.map_runs_of_children(runs_[at].number, kMapRunsReadMax - runs_.size());
    if (!numbers) return std::unexpected(numbers.error());
    for (const uint64_t number : *numbers) {
      auto run = query_.map_run(number);
      if (!run) return std::unexpected(run.error());
      add_run(std::move(*run));
    }
  }
  std::ranges::sort(runs_, {}, &records::MapRunRecord::number);
  // What a child started as well is shown with the child.
  std::erase_if(nested_, [&](const NestedExecution& one) {
    return own_->run != one.detail.run && reads(one.detail.run);
  });
  return {};
}

void Reading::add_run(records::MapRunRecord run) {
  if (reads(run.number)) return;
  run.configuration = {};  // which holds the items of an inline array
  runs_.push_back(std::move(run));
}

base::Result<void> Reading::find_child() {
  auto key = query_.find_execution(question_.child);
  if (!key) return std::unexpected(key.error());
  auto at = query_.detail_key_of(*key);
  if (!at) return std::unexpected(at.error());
  std::erase_if(runs_, [&](const records::MapRunRecord& run) { return run.number != at->run; });
  std::erase_if(nested_, [&](const NestedExecution& one) { return one.key != *key; });
  if (nested_.empty() && (at->run == 0 || runs_.empty())) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("child={}: is no child of {}", question_.child, question_.arn));
  }
  own_.reset();
  if (nested_.empty()) child_ = *at;
  return {};
}

// Of whole runs how much is missing, of one execution whether all of it is.
base::Result<void> Reading::note() {
  if (!question_.note || question_.after) return {};
  const std::optional<DetailKey> one = child_ ? child_ : runs_.empty() ? own_ : std::nullopt;
  if (one) {
    if (lines_ > 0) return {};
    auto note = note_about_detail(query_, one->execution());
    if (!note) return std::unexpected(note.error());
    logs_.note = std::move(*note);
    return {};
  }
  for (const records::MapRunRecord& run : runs_) {
    auto detail = query_.detail(run.number);
    if (!detail) return std::unexpected(detail.error());
    if (!*detail || (*detail)->complete()) continue;
    if (!logs_.note.empty()) logs_.note += ' ';
    logs_.note += fmt::format("{}: {}; the lines of the others were not kept.", run.state_name,
                              trace::sentence_of(**detail));
  }
  return {};
}

bool Reading::wants(const LogLine& line, trace::LogLevel level) {
  if (!question_.request_id.empty() && line.request_id != question_.request_id) return false;
  if (line.time_ns < question_.from_ns || line.time_ns >= question_.to_ns) return false;
  // Where lines are missing there may have been any.
  if (line.not_kept > 0 || level >= question_.level) return true;
  if (level == trace::LogLevel::kUnknown) ++logs_.without_level;
  return false;
}

base::Result<void> Reading::show(LogLine line, trace::LogLevel level, ExecutionKey key,
                                 const FunctionLine::Child* child) {
  hide_secrets(redactor_, line);
  if (line.not_kept == 0 && !line.text.contains(question_.text)) return {};
  if (!attempts_) {
    auto events = query_.events(key);
    if (!events) return std::unexpected(events.error());
    const std::string& arn = child == nullptr ? logs_.arn : child->logged_by();
    attempts_ =
        attempts_of(trace::project_execution({.arn = arn, .events = std::move(*events)}, {}));
  }
  const auto found = attempts_->find(line.attempt);
  const Attempt attempt = found == attempts_->end() ? Attempt{} : found->second;
  if (!question_.state.empty() && attempt.state != question_.state) return {};
  if (question_.attempt != 0 && attempt.number != question_.attempt) return {};
  ++lines_;
  bytes_ += line.bytes();
  visit_({std::move(line), attempt.state, attempt.number, level, child});
  return {};
}

base::Result<std::optional<FunctionLine::Child>> Reading::child_of(DetailKey key,
                                                                   const Section& section) const {
  FunctionLine::Child child;
  if (section.run != nullptr) {
    child.arn = query_.child_arn(*section.run, key.index);
    child.map = section.run->state_name;
    child.index = key.index;
    if (key.nested == 0) return child;
  } else if (own_ && key == *own_) {
    return std::nullopt;
  }
  auto nested = query_.execution_arn(key.execution());
  if (!nested) return std::unexpected(nested.error());
  child.nested = std::move(*nested);
  return child;
}

base::Result<void> Reading::read_lines(Query::LoggedLines logged, const Section& section) {
  const auto child = child_of(logged.key, section);
  if (!child) return std::unexpected(child.error());
  uint64_t seen = 0;
  if (question_.after && question_.after->key == logged.key) seen = question_.after->line;
  attempts_.reset();
  trace::LogLevels levels;
  trace::PrintedKeys keys;
  for (uint64_t at = 0; at < logged.lines.size(); ++at) {
    LogLine& line = logged.lines[at];
    const trace::LogLevel level = levels.next(line);
    if (keys.next(line) && redactor_.hides_credentials()) line.text = trace::kRedacted;
    if (at < seen) continue;
    if (full()) {
      logs_.next = LogPosition{logged.key, at};
      return {};
    }
    ++looks_;
    if (!wants(line, level)) continue;
    auto shown = show(std::move(line), level, logged.key.execution(), *child ? &**child : nullptr);
    if (!shown) return shown;
  }
  return {};
}

base::Result<void> Reading::read_between(DetailKey from, const Section& section) {
  while (from < section.to && !logs_.next) {
    auto logged = query_.next_log_lines(from, section.to, question_.wants);
    if (!logged) return std::unexpected(logged.error());
    if (!*logged) return {};
    from = behind((*logged)->key);
    if (auto read = read_lines(std::move(**logged), section); !read) return read;
  }
  return {};
}

// In the order they are shown.
std::vector<Reading::Section> Reading::sections() const {
  std::vector<Section> all;
  if (own_) all.push_back({*own_, behind(*own_)});
  for (const NestedExecution& one : nested_) all.push_back({one.detail, behind(one.detail)});
  for (const records::MapRunRecord& run : runs_) {
    if (child_) {
      const DetailKey end =
          child_->nested == 0 ? DetailKey(child_->run, child_->index + 1) : behind(*child_);
      all.push_back({*child_, end, &run});
    } else {
      all.push_back({{run.number, 0}, {run.number + 1, 0}, &run});
    }
  }
  return all;
}

base::Result<FunctionLogs> Reading::read() {
  if (auto found = find(); !found) return std::unexpected(found.error());
  const std::vector<Section> all = sections();
  auto section = all.begin();
  if (question_.after) {
    const DetailKey start = question_.after->key;
    section = std::ranges::find_if(
        all, [&](const Section& one) { return one.from <= start && start < one.to; });
    if (section != all.end()) {
      if (auto read = read_between(start, *section++); !read) return std::unexpected(read.error());
    }
  }
  for (; section != all.end() && !logs_.next; ++section) {
    auto read = read_between(section->from, *section);
    if (!read) return std::unexpected(read.error());
  }
  if (auto noted = note(); !noted) return std::unexpected(noted.error());
  return std::move(logs_);
}

}  // namespace

// Run, index, of nested executions their number, line.
std::string LogPosition::to_text() const {
  std::string text = fmt::format("{:x}.{:x}", key.run, key.index);
  if (key.nested != 0) text += fmt::format(".{:x}", key.nested);
  return text + fmt::format(".{:x}", line);
}

base::Result<LogPosition> LogPosition::parse(std::string_view text) {
  std::array<uint64_t, 4> numbers{};
  size_t count = 0;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  bool more = true;
  while (more && count < numbers.size()) {
    const auto [rest, error] = std::from_chars(at, end, numbers[count], 16);
    if (error != std::errc()) break;
    ++count;
    more = rest != end && *rest == '.';
    at = more ? rest + 1 : rest;
  }
  if (more || at != end || count < 3) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("after={}: expected `next` of an earlier answer", text));
  }
  const uint64_t nested = count == 4 ? numbers[2] : 0;
  return LogPosition{{numbers[0], numbers[1], nested}, numbers[count - 1]};
}

base::Result<FunctionLogs> read_function_logs(
    const Query& query, const LogQuestion& question, const trace::Redactor& redactor,
    const std::function<void(const FunctionLine&)>& visit) {
  return Reading(query, question, redactor, visit).read();
}

}  // namespace weft::reading
