#include <fmt/format.h>

#include "base/limits.h"
#include "engine/turn.h"
#include "json/build.h"

namespace weft::engine {

using history::Event;
using history::EventType;

namespace {

// What a Map Run is told, the items of its state's input with it, may be so many times as large as
// other data of a state: 64 MiB, millions of small items.
constexpr size_t kConfigurationSizes = 256;

// Adds `name` when the template is there; false (and the fault) when it cannot be evaluated.
bool add_evaluated(json::ObjectBuilder& object, const char* name,
                   const std::optional<asl::Template>& source, asl::Evaluation& values,
                   std::optional<asl::Fault>& fault) {
  if (!source) return true;
  auto value = values.evaluate(*source);
  if (!value) {
    fault = value.error();
    return false;
  }
  object.add_ref(name, *value);
  return true;
}

bool add_integer(json::ObjectBuilder& object, const char* name,
                 const std::optional<asl::Template>& source, int64_t minimum, int64_t maximum,
                 asl::Evaluation& values, std::optional<asl::Fault>& fault) {
  if (!source) return true;
  auto value = values.evaluate_integer(*source, minimum, maximum);
  if (!value) {
    fault = value.error();
    return false;
  }
  object.add_ref(name, json::Value::integer(*value));
  return true;
}

std::string_view transformation_name(asl::ResultWriter::Transformation transformation) {
  switch (transformation) {
    case asl::ResultWriter::Transformation::kNone:
      return "NONE";
    case asl::ResultWriter::Transformation::kCompact:
      return "COMPACT";
    case asl::ResultWriter::Transformation::kFlatten:
      return "FLATTEN";
  }
  return "";
}

bool add_writer(json::ObjectBuilder& object, const asl::ResultWriter& writer,
                asl::Evaluation& values, std::optional<asl::Fault>& fault) {
  object.add_ref("transformation",
                 json::Value::string_ref(transformation_name(writer.transformation)));
  object.add_ref("outputType", json::Value::string_ref(writer.lines ? "JSONL" : "JSON"));
  return add_evaluated(object, "arguments", writer.arguments, values, fault);
}

void add_name(json::ObjectBuilder& object, const char* name, const std::string& value) {
  if (!value.empty()) object.add_ref(name, json::Value::string_ref(value));
}

bool add_reader(json::ObjectBuilder& all, const asl::ItemReader& reader, asl::Evaluation& values,
                std::optional<asl::Fault>& fault) {
  const bool listing = reader.source == asl::ItemReader::Source::kListObjectsV2;
  all.add_ref("source", json::Value::string_ref(listing ? "listObjectsV2" : "getObject"));
  if (!add_evaluated(all, "arguments", reader.arguments, values, fault) ||
      !add_integer(all, "maxItems", reader.max_items, INT64_MIN, INT64_MAX, values, fault)) {
    return false;
  }
  add_name(all, "inputType", reader.input_type);
  add_name(all, "transformation", reader.transformation);
  add_name(all, "manifestType", reader.manifest_type);
  add_name(all, "csvDelimiter", reader.csv_delimiter);
  return add_evaluated(all, "csvHeaders", reader.csv_headers, values, fault) &&
         add_evaluated(all, "itemsPointer", reader.items_pointer, values, fault);
}

}  // namespace

// The evaluated fields a Map Run works by, as one JSON object: stored with the Map Run and read by
// maprun::Configuration.
asl::Evaluated<json::Value> Turn::map_run_configuration(const Scope& current, Context& context,
                                                        asl::Evaluation& values,
                                                        std::optional<json::Value> items) {
  const auto& body = std::get<asl::MapState>(state_of(current).body);
  json::ObjectBuilder all(surroundings_.arena);
  std::optional<asl::Fault> fault;
  if (body.item_reader) {
    if (!add_reader(all, *body.item_reader, values, fault)) return std::unexpected(*fault);
  } else {
    all.add_ref("source", json::Value::string_ref("state"));
    all.add_ref("items", *items);
  }
  if (body.item_batcher) {
    json::ObjectBuilder batch(surroundings_.arena);
    if (!add_integer(batch, "maxItems", body.item_batcher->max_items_per_batch, 1, 100'000'000,
                     values, fault) ||
        !add_integer(batch, "maxBytes", body.item_batcher->max_input_bytes_per_batch, 1,
                     static_cast<int64_t>(base::kStateDataBytesMax), values, fault) ||
        !add_evaluated(batch, "input", body.item_batcher->batch_input, values, fault)) {
      return std::unexpected(*fault);
    }
    all.add_ref("batch", batch.finish());
  }
  if (auto bad = check_tolerance(body, values)) return std::unexpected(*bad);
  if (!add_integer(all, "maxConcurrency", body.max_concurrency, 0, INT64_MAX, values, fault) ||
      !add_integer(all, "toleratedFailureCount", body.tolerated_failure_count, 0, INT64_MAX, values,
                   fault) ||
      !add_evaluated(all, "toleratedFailurePercentage", body.tolerated_failure_percentage, values,
                     fault)) {
    return std::unexpected(*fault);
  }
  if (body.result_writer) {
    json::ObjectBuilder writer(surroundings_.arena);
    if (!add_writer(writer, *body.result_writer, values, fault)) return std::unexpected(*fault);
    all.add_ref("writer", writer.finish());
  }
  if (body.item_selector) {  // evaluated per item by the Map Run, with what the state sees
    auto input = values.input();
    if (!input) return input;
    all.add_ref("input", *input);
    all.add_ref("context", context.context(surroundings_.arena));
    json::ObjectBuilder variables(surroundings_.arena);
    const asl::QueryLanguage language = state_of(current).language;
    for (const Scope* s = &current;; s = state_.find(s->parent)) {
      for (const auto& [name, value] : s->variables) variables.add(name, parse(value, language));
      if (s->id == kRootScope) break;
    }
    all.add_ref("variables", variables.finish());
  }
  return all.finish();
}

// The run keeps its items and what has succeeded; its fields are not evaluated again.
void Turn::redrive_map_run(const Scope& current) {
  const auto& body = std::get<asl::MapState>(state_of(current).body);
  if (current.map_run_redrives >= base::kMapRunRedrivesMax) {
    return fail_execution(
        {.error = "States.Runtime",
         .cause = fmt::format("The Map Run has been redriven {} times, which is the maximum.",
                              base::kMapRunRedrivesMax),
         .event_id = current.last_id});
  }
  const ScopeId id = current.id;
  Event redriven = event(EventType::kMapRunRedriven, current, current.last_id);
  redriven.name = surroundings_.map_run_ids.map_run_arn(body.label, current.map_run);
  redriven.number = int64_t{current.map_run_redrives} + 1;
  commit(std::move(redriven));
  const Scope& waiting = scope(id);
  decision_.actions.emplace_back(
      RedriveMapRun{.scope = id, .map_run = waiting.map_run, .redrives = waiting.map_run_redrives});
}

void Turn::start_distributed_map(Scope& current) {
  if (current.waiting == Waiting::kRedriven && current.map_run != 0)
    return redrive_map_run(current);
  const auto& body = std::get<asl::MapState>(state_of(current).body);
  const ScopeId id = current.id;
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  std::optional<json::Value> items;
  if (!body.item_reader) {
    auto found = map_items(current, values);
    if (!found) return fail_evaluation(id, found.error());
    items = *found;
  }
  Event started = event(EventType::kMapStateStarted, current, current.last_id);
  started.number = items ? static_cast<int64_t>(items->size()) : 0;
  const uint64_t started_id = commit(std::move(started));
  auto configuration = map_run_configuration(scope(id), context, values, items);
  if (!configuration) return fail_evaluation(id, configuration.error());
  const size_t bytes_max = kConfigurationSizes * surroundings_.state_data_bytes_max;
  base::Text text = text_of(scope(id), *configuration, bytes_max);
  if (text.size() > bytes_max) return data_limit_exceeded(id, state_of(scope(id)).name, started_id);
  auto [number, arn] = surroundings_.map_run_ids.next_map_run(surroundings_.identity, body.label);
  Event run = event(EventType::kMapRunStarted, scope(id), started_id);
  run.name = arn;
  run.number = static_cast<int64_t>(number);
  commit(std::move(run));
  decision_.actions.emplace_back(StartMapRun{.scope = id,
                                             .map_run = number,
                                             .arn = std::move(arn),
                                             .state = scope(id).state,
                                             .configuration = std::move(text)});
}

void Turn::on(const MapRunClosed& input) {
  const Scope* current = nullptr;
  for (const Scope& candidate : state_.scopes) {
    // What ended before a redrive concerns nobody after it.
    if (candidate.waiting == Waiting::kMapRun && candidate.map_run == input.map_run &&
        candidate.map_run_redrives == input.redrives) {
      current = &candidate;
    }
  }
  if (current == nullptr) return;
  const ScopeId id = current->id;
  const uint64_t run_started = current->last_id;
  if (input.status != history::ExecutionStatus::kSucceeded) {
    Event e = event(EventType::kMapRunFailed, *current, run_started);
    e.error = input.error;
    e.cause = input.cause;
    Failure failure{.error = input.error, .cause = input.cause};
    failure.event_id = commit(std::move(e));
    return fail(id, std::move(failure));
  }
  const uint64_t run_succeeded = commit_simple(EventType::kMapRunSucceeded, *current, run_started);
  if (input.result.size() > surroundings_.state_data_bytes_max || input.result.is_null()) {
    return data_limit_exceeded(id, state_of(scope(id)).name, run_succeeded);
  }
  commit_simple(EventType::kMapStateSucceeded, scope(id), run_succeeded);
  leave(id, input.result, run_started);
}

}  // namespace weft::engine
