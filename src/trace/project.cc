#include "trace/project.h"

#include "trace/inner_tree.h"
#include "trace/nested.h"
#include "trace/projector.h"

namespace weft::trace {

namespace {

// Causes quote what could not be worked on; functions may send headers and payloads as attributes
// of their spans, and URLs and queries as names of what they called.
void hide_secrets(const Redactor& redactor, std::vector<Span>& spans) {
  const auto clean = [&](std::string& text) {
    if (!text.empty()) text = redactor.clean(text);
  };
  const auto clean_all = [&](Attributes& attributes) {
    for (auto& [key, value] : attributes) {
      if (redactor.hides(key)) {
        value = kRedacted;
      } else {
        clean(value);
      }
    }
  };
  for (Span& span : spans) {
    clean(span.error);
    clean(span.cause);
    if (span.kind != SpanKind::kInner) continue;
    clean(span.name);
    clean(span.resource);
    clean_all(span.attributes);
    for (SpanEvent& event : span.events) {
      clean(event.name);
      clean_all(event.attributes);
    }
    for (SpanLink& link : span.links) clean_all(link.attributes);
  }
}

}  // namespace

const Span& last_execution_of(const std::vector<Span>& spans) {
  const Span* last = &spans.front();
  for (const Span& span : spans) {
    if (span.depth == 0 && span.kind == last->kind) last = &span;
  }
  return *last;
}

Lineage lineage_below(const ExecutionTrace& execution, const Lineage& above) {
  return {.parent = execution.arn, .root = above.root.empty() ? execution.arn : above.root};
}

std::vector<Span> project_execution(const ExecutionTrace& execution, const Placement& placement) {
  Projector projector(execution, placement);
  for (const history::Event& event : execution.events) projector.apply(event);
  std::vector<Span> spans = projector.finish();
  if (!execution.inner.empty()) attach_inner_spans(execution.inner, spans);
  if (placement.payloads != nullptr) hide_secrets(*placement.payloads, spans);
  if (!execution.nested.empty()) attach_nested(execution, placement, spans);
  return spans;
}

}  // namespace weft::trace
