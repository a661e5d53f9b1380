#include "trace/project.h"

#include "trace/projector.h"

namespace weft::trace {

std::vector<Span> project_execution(const ExecutionTrace& execution, const Placement& placement) {
  Projector projector(execution, placement);
  for (const history::Event& event : execution.events) projector.apply(event);
  return projector.finish();
}

}  // namespace weft::trace
