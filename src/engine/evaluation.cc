#include <ranges>

#include <fmt/format.h>

#include "asl/resource.h"
#include "base/mix.h"
#include "engine/turn.h"
#include "json/build.h"

namespace weft::engine {

namespace {

json::Value time_value(base::UnixMs time_ms, json::Arena& arena) {
  return json::Value::string(asl::context_time(time_ms), arena);
}

}  // namespace

json::Value Turn::Context::context(json::Arena& arena) {
  if (turn_.surroundings_.inspection != nullptr) return turn_.surroundings_.inspection->context;
  const Identity& identity = turn_.surroundings_.identity;
  const asl::State& current = turn_.state_of(scope_);
  json::ObjectBuilder execution(arena);
  execution.add_ref("Id", json::Value::string_ref(identity.execution_arn));
  execution.add_ref("Input", turn_.parse(turn_.state_.input, current.language));
  execution.add_ref("StartTime", time_value(turn_.state_.start_ms, arena));
  execution.add_ref("Name", json::Value::string_ref(identity.execution_name));
  execution.add_ref("RoleArn", json::Value::string_ref(turn_.state_.role_arn));
  if (identity.redrivable)
    execution.add_ref("RedriveCount", json::Value::integer(turn_.state_.redrives));
  if (turn_.state_.redrives != 0)
    execution.add_ref("RedriveTime", time_value(turn_.state_.redrive_ms, arena));

  json::ObjectBuilder machine(arena);
  machine.add_ref("Id", json::Value::string_ref(identity.machine_arn));
  machine.add_ref("Name", json::Value::string_ref(identity.machine_name));

  json::ObjectBuilder state(arena);
  state.add_ref("Name", json::Value::string_ref(current.name));
  state.add_ref("EnteredTime", time_value(scope_.entered_ms, arena));
  if (current.type == asl::StateType::kTask)
    state.add_ref("RetryCount", json::Value::integer(scope_.retry_count));

  json::ObjectBuilder all(arena);
  all.add_ref("Execution", execution.finish());
  all.add_ref("StateMachine", machine.finish());
  all.add_ref("State", state.finish());
  const auto* task = std::get_if<asl::TaskState>(&current.body);
  if (task != nullptr && asl::answered_by_token(task->resource)) {
    json::ObjectBuilder out(arena);
    out.add_ref("Token", json::Value::string(turn_.token_of(scope_), arena));
    all.add_ref("Task", out.finish());
  }
  return all.finish();
}

json::Value Turn::parse(const base::Text& text, asl::QueryLanguage language) {
  // What was parsed last is asked for most.
  for (const Parsed& known : parsed_ | std::views::reverse) {
    if (known.text.same_buffer(text) && known.language == language) return known.value;
  }
  auto value = asl::parse(text.view(), surroundings_.arena, language);
  // Payloads were checked when they came in, and what is written here is JSON: only its nesting can
  // be more than is read.
  if (!value) throw TooDeep{};
  parsed_.push_back({text, language, *value});
  return *value;
}

asl::Evaluation Turn::evaluation(const Scope& current, Context& context) {
  const asl::State& state = state_of(current);
  // Every evaluation draws random numbers of its own.
  environment_.random_seed = base::mix64(surroundings_.random_seed ^ base::mix64(++evaluations_));
  asl::Evaluation result(surroundings_.arena, environment_, context, state.language);
  result.set_input({.value = parse(current.input, state.language), .text = current.input},
                   state.input ? &*state.input : nullptr);
  result.bound_texts(surroundings_.state_data_bytes_max);
  if (surroundings_.inspection != nullptr) result.watch(&surroundings_.inspection->stages);
  // Inner scopes may not assign names of outer ones (checked at definition time), so order does not
  // matter.
  for (const Scope* s = &current;; s = state_.find(s->parent)) {
    for (const auto& [name, value] : s->variables) {
      result.add_variable(surroundings_.arena.copy(name), parse(value, state.language));
    }
    if (s->id == kRootScope) break;
  }
  return result;
}

asl::Evaluated<base::Text> Turn::effective_input(const Scope& current) {
  if (!state_of(current).input) return current.input;
  Context context(*this, current);
  return evaluation(current, context).input_text();
}

base::Text Turn::text_of(const Scope& current, json::Value value, size_t bytes_max) const {
  return base::Text(asl::to_text(value, state_of(current).language,
                                 {.bytes_max = bytes_max, .clock = surroundings_.clock}));
}

base::Text Turn::text_of(const Scope& current, json::Value value) const {
  return text_of(current, value, surroundings_.state_data_bytes_max);
}

asl::Evaluated<base::Text> Turn::evaluate_output(const std::optional<asl::Template>& output,
                                                 asl::Evaluation& evaluation,
                                                 const base::Text& otherwise) {
  if (!output) return otherwise;
  return evaluation.evaluate_text(*output);
}

asl::Evaluated<std::vector<std::pair<std::string, base::Text>>> Turn::evaluate_assign(
    const std::vector<asl::Assignment>& assign, asl::Evaluation& evaluation) {
  std::vector<std::pair<std::string, base::Text>> values;
  values.reserve(assign.size());
  for (const asl::Assignment& assignment : assign) {
    auto value = evaluation.evaluate_text(assignment.value);
    if (!value) return std::unexpected(std::move(value.error()));
    values.emplace_back(assignment.name, std::move(*value));
  }
  return values;
}

std::string Turn::cause_prefix(const Scope& current) const {
  if (surroundings_.inspection != nullptr) return {};  // TestState says none
  return fmt::format(
      "An error occurred while executing the state '{}' (entered at the event id #{}). ",
      state_of(current).name, current.entered_id);
}

}  // namespace weft::engine
