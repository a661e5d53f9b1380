#include <algorithm>

#include <fmt/format.h>

#include "api/query/execution_spans.h"

namespace weft::api {

FoundResult execution_span(const Question& question) {
  const auto text = question.parameters.find("id");
  const auto id = parse_span("id", text.value_or(""));
  if (!id) return std::unexpected(id.error());
  const auto found = spans_of_execution(question, true);
  if (!found) return std::unexpected(found.error());
  const auto at = std::ranges::find(found->spans, *id, &trace::Span::span_id);
  if (at == found->spans.end()) {
    return base::fail(base::ErrorCode::kResourceNotFound,
                      fmt::format("id={}: {} has no such span", *text, found->arn));
  }
  const trace::Span& span = *at;
  const int64_t origin = found->spans.front().start_us;
  aws::Answer attributes(question.arena);
  for (const auto& [name, value] : span.attributes) {
    if (name != "input" && name != "output") attributes.text(name, value);
  }
  for (const auto& [name, value] : span.numbers) attributes.real(name, value);
  aws::Answer answer(question.arena);
  answer.flag("final", found->final)
      .text("id", span_text(span.span_id))
      .text("trace", span.trace.hex())
      .text("kind", trace::to_string(span.kind))
      .text("name", span.name)
      .text_if("resource", span.resource)
      .number("start", span.start_us)
      .number("s", span.start_us - origin)
      .number("d", span.duration_us)
      .text("status", history::to_string(span.status))
      .text_if("error", question.payloads.clean(span.error))
      .text_if("cause", question.payloads.clean(span.cause))
      .text_if("input", span.attribute("input"))
      .text_if("output", span.attribute("output"))
      .value("attributes", attributes.finish())
      .text_if("note", found->note);
  return Found{answer.to_text(), found->final};
}

}  // namespace weft::api
