#include "runtime/function_logs.h"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "runtime/trace_source.h"
#include "trace/project.h"

namespace weft::runtime {
namespace {

using base::ErrorCode;
using base::fail;
using trace::Span;
using trace::SpanKind;

struct Attempt {
  std::string state;
  uint32_t number = 1;
};

// The attempts of an execution by their span ids: those of a Task with several of them, else the
// Task's own.
std::unordered_map<uint64_t, Attempt> attempts_of(const std::vector<Span>& spans) {
  std::unordered_map<uint64_t, Attempt> attempts;
  std::unordered_map<uint64_t, Attempt> states;  // name, and attempts so far
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

base::Result<history::ExecutionKey> execution_of(const Query& query, const LogQuestion& question) {
  if (!question.arn.empty()) return query.find_execution(question.arn);
  if (question.request_id.empty())
    return fail(ErrorCode::kInvalidArgument, "arn: expected an execution's ARN, or a request id");
  auto key = query.find_request(question.request_id);
  if (!key) return std::unexpected(key.error());
  if (*key) return **key;
  return fail(ErrorCode::kResourceNotFound,
              fmt::format("No function call with the request id '{}' logged anything here",
                          question.request_id));
}

}  // namespace

base::Result<FunctionLogs> read_function_logs(const Query& query, const LogQuestion& question) {
  auto key = execution_of(query, question);
  if (!key) return std::unexpected(key.error());
  auto arn = query.execution_arn(*key);
  if (!arn) return std::unexpected(arn.error());
  auto lines = query.log_lines(*key);
  if (!lines) return std::unexpected(lines.error());
  FunctionLogs logs{.execution_arn = std::move(*arn)};
  if (lines->empty()) {
    auto note = note_about_detail(query, *key);
    if (!note) return std::unexpected(note.error());
    logs.note = std::move(*note);
    return logs;
  }
  auto execution = read_execution_trace(query, logs.execution_arn);
  if (!execution) return std::unexpected(execution.error());
  execution->inner.clear();
  const auto attempts = attempts_of(trace::project_execution(*execution, {}));
  for (trace::LogLine& line : *lines) {
    if (!question.request_id.empty() && line.request_id != question.request_id) continue;
    const auto found = attempts.find(line.attempt);
    const Attempt attempt = found == attempts.end() ? Attempt{"", 0} : found->second;
    if (!question.state.empty() && attempt.state != question.state) continue;
    if (question.attempt != 0 && attempt.number != question.attempt) continue;
    logs.lines.push_back({std::move(line), attempt.state, attempt.number});
  }
  return logs;
}

}  // namespace weft::runtime
