#include "trace/project.h"

#include "trace/inner_tree.h"
#include "trace/nested.h"
#include "trace/projector.h"

namespace weft::trace {

namespace {

// Functions may send headers and payloads as attributes of their spans.
void hide_attributes(const Redactor& redactor, std::vector<Span>& spans) {
  for (Span& span : spans) {
    if (span.kind != SpanKind::kInner) continue;
    for (auto& [key, value] : span.attributes) {
      if (redactor.hides(key)) value = kRedacted;
    }
  }
}

}  // namespace

std::vector<Span> project_execution(const ExecutionTrace& execution, const Placement& placement) {
  Projector projector(execution, placement);
  for (const history::Event& event : execution.events) projector.apply(event);
  std::vector<Span> spans = projector.finish();
  if (!execution.inner.empty()) attach_inner_spans(execution.inner, spans);
  if (!execution.nested.empty()) attach_nested(execution.nested, placement, spans);
  if (placement.payloads != nullptr) hide_attributes(*placement.payloads, spans);
  return spans;
}

}  // namespace weft::trace
