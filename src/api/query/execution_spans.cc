#include "api/query/execution_spans.h"

#include <charconv>

#include <fmt/format.h>

#include "reading/trace_source.h"
#include "trace/project.h"

namespace weft::api {

base::Result<SpansOfExecution> spans_of_execution(const Question& question, bool payloads) {
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument, "arn: expected the ARN of an execution");
  }
  const std::string name(*arn);
  auto execution = reading::read_execution_trace(question.query, name);
  if (!execution) return std::unexpected(execution.error());
  const auto key = question.query.find_execution(name);
  if (!key) return std::unexpected(key.error());
  const auto context = reading::trace_context(question.query, *key);
  if (!context) return std::unexpected(context.error());
  auto note = reading::note_about_detail(question.query, *key);
  if (!note) return std::unexpected(note.error());
  SpansOfExecution found{.arn = name, .note = std::move(*note)};
  // What functions sent may still come in for a while after the end.
  constexpr base::UnixMs kLateMs = 60'000;
  const bool late = execution->stop_ms != 0 && question.now_ms > execution->stop_ms + kLateMs;
  found.spans =
      trace::project_execution(*execution, {.trace = context->trace,
                                            .parent_span = context->span,
                                            .map_child = key->run != 0,
                                            .now_ms = question.now_ms,
                                            .payloads = payloads ? &question.payloads : nullptr});
  const auto final = is_final(question, *key, trace::last_execution_of(found.spans).status);
  if (!final) return std::unexpected(final.error());
  found.final = late && *final;
  return found;
}

std::string span_text(uint64_t id) { return fmt::format("{:016x}", id); }

base::Result<uint64_t> parse_span(std::string_view name, std::string_view text) {
  uint64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, id, 16);
  if (error == std::errc() && at == end && !text.empty()) return id;
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("{}={}: expected the id of a span, 16 hexadecimal digits", name, text));
}

std::vector<std::vector<size_t>> children_of_spans(const std::vector<trace::Span>& spans) {
  std::vector<std::vector<size_t>> children(spans.size() + 1);
  std::vector<size_t> open;  // the span above, by depth
  for (size_t i = 0; i < spans.size(); ++i) {
    open.resize(std::min<size_t>(open.size(), spans[i].depth));
    children[open.empty() ? spans.size() : open.back()].push_back(i);
    open.push_back(i);
  }
  return children;
}

}  // namespace weft::api
