#include "reading/recorded.h"

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arn/arn.h"
#include "asl/compile.h"

namespace weft::reading {

using base::ErrorCode;
using base::fail;

base::Result<Recorded> recorded_execution(const Query& query, const std::string& arn) {
  if (arn::arn_parts(arn).kind == "mapRun") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is a Map Run: name one of its children, or its execution", arn));
  }
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  Recorded recorded{.view = std::move(*view)};
  if (recorded.view.map_run_arn.empty()) {
    auto record = query.execution_record(recorded.view.key);
    if (!record) return std::unexpected(record.error());
    recorded.machine_name = record->machine_name;
    recorded.definition_hash = record->definition_hash;
    return recorded;
  }
  auto run = query.map_run(recorded.view.map_run_arn);
  if (!run) return std::unexpected(run.error());
  recorded.machine_name = run->machine_name;
  recorded.definition_hash = run->definition_hash;
  recorded.map_state = run->state_name;
  return recorded;
}

base::Result<std::string> replayed_definition(const base::Text& definition,
                                              const Recorded& recorded, std::string_view name) {
  const auto compiled = asl::compile(definition, {.stored = true});
  if (!compiled.program) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is no valid state machine definition: weft validate says why", name));
  }
  if (recorded.map_state.empty()) return std::string(definition.view());
  std::vector<std::string> others;
  const std::vector<asl::State>& states = compiled.program->states;
  for (size_t i = 0; i < states.size(); ++i) {
    const auto* map = std::get_if<asl::MapState>(&states[i].body);
    if (map == nullptr || !map->distributed) continue;
    if (states[i].name == recorded.map_state)
      return asl::processor_definition(*compiled.program, static_cast<asl::StateId>(i));
    others.push_back(fmt::format("'{}'", states[i].name));
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{} has no Distributed Map '{}', whose child it was{}", name, recorded.map_state,
                  others.empty() ? "" : fmt::format(", but {}", fmt::join(others, ", "))));
}

}  // namespace weft::reading
