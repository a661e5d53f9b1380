#include "trace/nested.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "json/arena.h"
#include "json/parse.h"

namespace weft::trace {

using history::EventType;

std::string nested_execution_of(const history::Event& event) {
  if (event.type != EventType::kTaskSubmitted && event.type != EventType::kTaskSucceeded) return {};
  if (!event.resource.starts_with("startExecution") && event.resource != "startSyncExecution") {
    return {};
  }
  if (event.resource_type != "states" && event.resource_type != "aws-sdk:sfn") return {};
  json::Arena arena;
  const auto output = json::parse(event.text.view(), arena);
  if (!output) return {};
  const json::Value arn = output->find("ExecutionArn");
  return arn.is_string() ? std::string(arn.as_string()) : std::string();
}

void attach_nested(const ExecutionTrace& execution, const Placement& placement,
                   std::vector<Span>& spans) {
  for (const ExecutionTrace& nested : execution.nested) {
    const auto attempt = std::ranges::find_if(spans, [&](const Span& span) {
      return span.attribute("nested_execution_arn") == nested.arn;
    });
    if (attempt == spans.end()) continue;
    const uint16_t depth = attempt->depth;
    Placement below = placement;
    below.parent_span = attempt->span_id;
    below.map_child = false;
    below.lineage = lineage_below(execution, placement.lineage);
    std::vector<Span> inside = project_execution(nested, below);
    for (Span& span : inside) span.depth = static_cast<uint16_t>(span.depth + depth + 1);
    const auto end = std::find_if(std::next(attempt), spans.end(),
                                  [&](const Span& span) { return span.depth <= depth; });
    spans.insert(end, std::move_iterator(inside.begin()), std::move_iterator(inside.end()));
  }
}

}  // namespace weft::trace
