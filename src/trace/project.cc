#include "trace/project.h"

#include "trace/inner_tree.h"
#include "trace/projector.h"

namespace weft::trace {

std::vector<Span> project_execution(const ExecutionTrace& execution, const Placement& placement) {
  Projector projector(execution, placement);
  for (const history::Event& event : execution.events) projector.apply(event);
  std::vector<Span> spans = projector.finish();
  if (!execution.inner.empty()) attach_inner_spans(execution.inner, spans);
  return spans;
}

}  // namespace weft::trace
