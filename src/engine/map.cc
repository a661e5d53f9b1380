#include <algorithm>

#include "base/limits.h"
#include "engine/turn.h"
#include "json/build.h"
#include "json/parse.h"

namespace weft::engine {

using history::Event;
using history::EventType;

asl::Evaluated<json::Value> Turn::map_items(const Scope& current, asl::Evaluation& values) {
  const auto& body = std::get<asl::MapState>(state_of(current).body);
  const json::Value input = values.raw_input();
  if (!body.items) {
    if (input.is_array()) return input;
    // AWS names no field here: the location of EvaluationFailed is absent.
    return std::unexpected(asl::Fault{
        .cause = "Map state input must be an array but was: " + asl::quoted(input), .field = ""});
  }
  return values.evaluate_items(*body.items);
}

void Turn::start_map(Scope& current) {
  const auto& body = std::get<asl::MapState>(state_of(current).body);
  if (body.distributed) return start_distributed_map(current);
  const ScopeId id = current.id;
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  auto items = map_items(current, values);
  if (!items) return fail_evaluation(id, items.error());
  int64_t limit = 0;
  if (body.max_concurrency) {
    auto evaluated = values.evaluate_integer(*body.max_concurrency, 0, INT64_MAX);
    if (!evaluated) return fail_evaluation(id, evaluated.error());
    limit = *evaluated;
  }
  Inspection* const inspection = surroundings_.inspection;
  if (inspection != nullptr) inspection->max_concurrency = limit;
  if (auto fault = check_tolerance(body, values)) return fail_evaluation(id, *fault);
  if (limit == 0 || limit > base::kInlineMapConcurrencyMax) limit = base::kInlineMapConcurrencyMax;
  // A test shows what the ItemSelector makes of each.
  if (inspection != nullptr) limit = static_cast<int64_t>(items->size());
  base::Text text = text_of(current, *items);
  if (text.size() > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(id, state_of(current).name, current.last_id);
  Event e = event(EventType::kMapStateStarted, current, current.last_id);
  e.number = items->size();
  e.count = static_cast<uint32_t>(limit);
  e.text = std::move(text);
  const uint64_t started = commit(std::move(e));
  if (items->size() == 0) return finish_map(id, started);
  start_iterations(id, started);
}

// ToleratedFailure* act on distributed maps only, but a field that cannot be evaluated fails the
// state in either mode.
std::optional<asl::Fault> Turn::check_tolerance(const asl::MapState& body,
                                                asl::Evaluation& values) {
  if (body.tolerated_failure_count) {
    auto count = values.evaluate_integer(*body.tolerated_failure_count, 0, INT64_MAX);
    if (!count) return count.error();
    if (surroundings_.inspection != nullptr)
      surroundings_.inspection->tolerated_failure_count = *count;
  }
  if (body.tolerated_failure_percentage) {
    auto percentage = values.evaluate_number(*body.tolerated_failure_percentage);
    if (!percentage) return percentage.error();
    if (*percentage < 0 || *percentage > 100) {
      return values.fault("ToleratedFailurePercentage must be between 0 and 100.",
                          body.tolerated_failure_percentage->field);
    }
    if (surroundings_.inspection != nullptr)
      surroundings_.inspection->tolerated_failure_percentage = *percentage;
  }
  return std::nullopt;
}

asl::Evaluated<base::Text> Turn::iteration_input(const Scope& map, uint32_t index) {
  const auto& body = std::get<asl::MapState>(state_of(map).body);
  const json::Value items = parse(map.fork->items, state_of(map).language);
  const bool keyed = items.is_object();
  const json::Value item =
      keyed ? asl::entry_of(items, index, surroundings_.arena) : items.item(index);
  if (!body.item_selector) return text_of(map, item);
  ItemContext context(*this, map,
                      {.index = index,
                       .key = keyed ? item.find("Key") : json::Value(),
                       .value = keyed ? item.find("Value") : item,
                       .source = "STATE_DATA"});
  asl::Evaluation values = evaluation(map, context);
  return values.evaluate_text(*body.item_selector);
}

void Turn::start_iterations(ScopeId id, uint64_t previous_id) {
  while (true) {
    const Scope& map = scope(id);
    const Fork& fork = *map.fork;
    if (fork.started == fork.total || fork.started - fork.finished >= fork.limit) return;
    auto input = iteration_input(map, fork.started);
    if (!input) return fail_evaluation(id, input.error());
    if (input->size() > surroundings_.state_data_bytes_max)
      return data_limit_exceeded(id, state_of(map).name, previous_id);
    Event e = event(EventType::kMapIterationStarted, map, previous_id);
    e.name = state_of(map).name;
    e.number = fork.started;
    e.text = std::move(*input);
    commit(std::move(e));
  }
}

void Turn::finish_map(ScopeId id, uint64_t iteration_succeeded_id) {
  const Fork& fork = *scope(id).fork;
  const asl::QueryLanguage language = state_of(scope(id)).language;
  json::ArrayBuilder results(surroundings_.arena);
  for (const base::Text& output : fork.results) results.push(parse(output, language));
  const base::Text result = text_of(scope(id), results.finish());
  if (result.size() > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(id, state_of(scope(id)).name, iteration_succeeded_id);
  commit_simple(EventType::kMapStateSucceeded, scope(id), iteration_succeeded_id);
  leave(id, result, iteration_succeeded_id);
}

json::Value Turn::ItemContext::context(json::Arena& arena) {
  return asl::with_map_item(Context::context(arena), item_, arena);
}

}  // namespace weft::engine
