#include "runtime/function_logs.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/trace_source.h"
#include "trace/printed_keys.h"
#include "trace/project.h"

namespace weft::runtime {
namespace {

using base::ErrorCode;
using base::fail;
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

void hide_secrets(const trace::Redactor& redactor, LogLine& line) {
  if (line.not_kept == 0) line.text = redactor.clean(line.text);
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
  base::Result<void> note();
  // Whose lines: of children of a Map Run, of a nested execution, or its own.
  struct Whose {
    const MapRunRecord* run = nullptr;
    const NestedExecution* nested = nullptr;
  };
  base::Result<void> read_between(ExecutionKey from, ExecutionKey to, Whose whose);
  base::Result<void> read_lines(Query::LoggedLines logged, Whose whose);
  base::Result<void> show(LogLine line, ExecutionKey key, const FunctionLine::Child* child);
  bool wants(const LogLine& line, trace::LogLevel level) const;
  bool full() const {
    return lines_ >= question_.lines_max || bytes_ >= question_.bytes_max ||
           looks_ >= question_.looks_max;
  }

  const Query& query_;
  const LogQuestion& question_;
  const trace::Redactor& redactor_;
  const std::function<void(const FunctionLine&)>& visit_;
  FunctionLogs logs_;
  std::optional<ExecutionKey> own_;      // whose lines to read
  std::vector<NestedExecution> nested_;  // and of what is nested in it,
  std::vector<MapRunRecord> runs_;       // and of whose children,
  std::optional<ExecutionKey> child_;    // or of one only
  std::optional<Attempts> attempts_;     // of the execution being read, once they are needed
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
    own_ = **key;
    auto arn = query_.execution_arn(**key);
    if (!arn) return std::unexpected(arn.error());
    logs_.arn = std::move(*arn);
    return {};
  }
  logs_.arn = question_.arn;
  const auto parts = parse_states_arn(question_.arn);
  if (parts && parts->kind == "mapRun") {
    auto run = query_.map_run(question_.arn);
    if (!run) return std::unexpected(run.error());
    runs_.push_back(std::move(*run));
  } else {
    auto key = query_.find_execution(question_.arn);
    if (!key) return std::unexpected(key.error());
    own_ = *key;
    if (!question_.own) {
      auto nested = nested_executions(query_, *key);
      if (!nested) return std::unexpected(nested.error());
      nested_ = std::move(*nested);
      if (auto added = add_runs(*key); !added) return added;
      for (const NestedExecution& one : nested_) {
        if (auto added = add_runs(one.key); !added) return added;
      }
      std::ranges::sort(runs_, {}, &MapRunRecord::number);
    }
  }
  return question_.child.empty() ? base::Result<void>() : find_child();
}

base::Result<void> Reading::add_runs(ExecutionKey parent) {
  auto runs = query_.map_runs(parent);
  if (!runs) return std::unexpected(runs.error());
  for (MapRunRecord& run : *runs) runs_.push_back(std::move(run));
  return {};
}

base::Result<void> Reading::find_child() {
  auto key = query_.find_execution(question_.child);
  if (!key) return std::unexpected(key.error());
  std::erase_if(runs_, [&](const MapRunRecord& run) { return run.number != key->run; });
  std::erase_if(nested_, [&](const NestedExecution& one) { return one.key != *key; });
  if (!nested_.empty()) {
    own_.reset();
    return {};
  }
  if (key->run == 0 || runs_.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("child={}: is no child of {}", question_.child, question_.arn));
  }
  own_.reset();
  child_ = *key;
  return {};
}

// Of whole runs how much is missing, of one execution whether all of it is.
base::Result<void> Reading::note() {
  if (!question_.note || question_.after) return {};
  const std::optional<ExecutionKey> one = child_ ? child_ : runs_.empty() ? own_ : std::nullopt;
  if (one) {
    if (lines_ > 0) return {};
    auto note = note_about_detail(query_, *one);
    if (!note) return std::unexpected(note.error());
    logs_.note = std::move(*note);
    return {};
  }
  for (const MapRunRecord& run : runs_) {
    auto detail = query_.detail(run.number);
    if (!detail) return std::unexpected(detail.error());
    if (!*detail || (*detail)->complete()) continue;
    if (!logs_.note.empty()) logs_.note += ' ';
    logs_.note += fmt::format("{}: {}; the lines of the others were not kept.", run.state_name,
                              trace::sentence_of(**detail));
  }
  return {};
}

bool Reading::wants(const LogLine& line, trace::LogLevel level) const {
  if (!question_.request_id.empty() && line.request_id != question_.request_id) return false;
  if (line.time_ns < question_.from_ns || line.time_ns >= question_.to_ns) return false;
  // Where lines are missing there may have been any.
  return line.not_kept > 0 || level >= question_.level;
}

base::Result<void> Reading::show(LogLine line, ExecutionKey key, const FunctionLine::Child* child) {
  hide_secrets(redactor_, line);
  if (line.not_kept == 0 && !line.text.contains(question_.text)) return {};
  if (!attempts_) {
    auto events = query_.events(key);
    if (!events) return std::unexpected(events.error());
    const std::string& arn = child != nullptr ? child->arn : logs_.arn;
    attempts_ =
        attempts_of(trace::project_execution({.arn = arn, .events = std::move(*events)}, {}));
  }
  const auto found = attempts_->find(line.attempt);
  const Attempt attempt = found == attempts_->end() ? Attempt{} : found->second;
  if (!question_.state.empty() && attempt.state != question_.state) return {};
  if (question_.attempt != 0 && attempt.number != question_.attempt) return {};
  ++lines_;
  bytes_ += line.bytes();
  visit_({std::move(line), attempt.state, attempt.number, child});
  return {};
}

base::Result<void> Reading::read_lines(Query::LoggedLines logged, Whose whose) {
  std::optional<FunctionLine::Child> child;
  if (whose.run != nullptr) {
    child = {query_.child_arn(*whose.run, logged.key.index), whose.run->state_name,
             logged.key.index};
  } else if (whose.nested != nullptr) {
    child = {.arn = whose.nested->arn};
  }
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
    if (auto shown = show(std::move(line), logged.key, child ? &*child : nullptr); !shown)
      return shown;
  }
  return {};
}

base::Result<void> Reading::read_between(ExecutionKey from, ExecutionKey to, Whose whose) {
  while (from < to && !logs_.next) {
    auto logged = query_.next_log_lines(from, to, question_.wants);
    if (!logged) return std::unexpected(logged.error());
    if (!*logged) return {};
    from = {(*logged)->key.run, (*logged)->key.index + 1};
    if (auto read = read_lines(std::move(**logged), whose); !read) return read;
  }
  return {};
}

base::Result<FunctionLogs> Reading::read() {
  if (auto found = find(); !found) return std::unexpected(found.error());
  const ExecutionKey start = question_.after ? question_.after->key : ExecutionKey{};
  if (own_ && (!question_.after || start == *own_)) {
    auto read = read_between(*own_, {own_->run, own_->index + 1}, {});
    if (!read) return std::unexpected(read.error());
  }
  for (const NestedExecution& one : nested_) {
    if (logs_.next || one.key < start) continue;
    auto read = read_between(one.key, {one.key.run, one.key.index + 1}, {.nested = &one});
    if (!read) return std::unexpected(read.error());
  }
  for (const MapRunRecord& run : runs_) {
    const ExecutionKey first = child_ ? *child_ : ExecutionKey{run.number, 0};
    const ExecutionKey end =
        child_ ? ExecutionKey{child_->run, child_->index + 1} : ExecutionKey{run.number + 1, 0};
    auto read = read_between(std::max(first, start), end, {.run = &run});
    if (!read) return std::unexpected(read.error());
  }
  if (auto noted = note(); !noted) return std::unexpected(noted.error());
  return std::move(logs_);
}

}  // namespace

std::string LogPosition::to_text() const {
  return fmt::format("{:x}.{:x}.{:x}", key.run, key.index, line);
}

base::Result<LogPosition> LogPosition::parse(std::string_view text) {
  LogPosition position;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (uint64_t* number : {&position.key.run, &position.key.index, &position.line}) {
    const auto [rest, error] = std::from_chars(at, end, *number, 16);
    const bool last = number == &position.line;
    if (error != std::errc() || (last ? rest != end : rest == end || *rest != '.')) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("after={}: expected `next` of an earlier answer", text));
    }
    at = rest + 1;
  }
  return position;
}

base::Result<FunctionLogs> read_function_logs(
    const Query& query, const LogQuestion& question, const trace::Redactor& redactor,
    const std::function<void(const FunctionLine&)>& visit) {
  return Reading(query, question, redactor, visit).read();
}

}  // namespace weft::runtime
