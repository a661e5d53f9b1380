#include <fmt/format.h>

#include "engine/turn.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::engine {

namespace {

// Times in the context object drop a fraction of zero, as AWS's do.
json::Value time_value(base::UnixMs time_ms, json::Arena& arena) {
  std::string text = base::format_iso_ms(time_ms);
  if (text.ends_with(".000Z")) text.replace(text.size() - 5, 5, "Z");
  return json::Value::string(text, arena);
}

}  // namespace

json::Value Turn::Context::context(json::Arena& arena) {
  const Identity& identity = turn_.surroundings_.identity;
  json::ObjectBuilder execution(arena);
  execution.add_ref("Id", json::Value::string_ref(identity.execution_arn));
  execution.add_ref("Input", turn_.parse(turn_.state_.input));
  execution.add_ref("StartTime", time_value(turn_.state_.start_ms, arena));
  execution.add_ref("Name", json::Value::string_ref(identity.execution_name));
  execution.add_ref("RoleArn", json::Value::string_ref(turn_.state_.role_arn));
  execution.add_ref("RedriveCount", json::Value::integer(0));

  json::ObjectBuilder machine(arena);
  machine.add_ref("Id", json::Value::string_ref(identity.machine_arn));
  machine.add_ref("Name", json::Value::string_ref(identity.machine_name));

  const asl::State& current = turn_.state_of(scope_);
  json::ObjectBuilder state(arena);
  state.add_ref("Name", json::Value::string_ref(current.name));
  state.add_ref("EnteredTime", time_value(scope_.entered_ms, arena));
  if (current.type == asl::StateType::kTask)
    state.add_ref("RetryCount", json::Value::integer(scope_.retry_count));

  json::ObjectBuilder all(arena);
  all.add_ref("Execution", execution.finish());
  all.add_ref("StateMachine", machine.finish());
  all.add_ref("State", state.finish());
  return all.finish();
}

json::Value Turn::parse(const base::Text& text) {
  for (const auto& [known, value] : parsed_) {
    if (known.same_buffer(text)) return value;
  }
  auto value = json::parse(text.view(), surroundings_.arena);
  // Payloads were checked when they came in; what is no JSON would be a bug of ours.
  WEFT_CHECK(value.has_value());
  parsed_.emplace_back(text, *value);
  return *value;
}

asl::Evaluation Turn::evaluation(const Scope& current, Context& context) {
  asl::Evaluation result(surroundings_.arena, environment_, context);
  result.set_input(parse(current.input));
  // Inner scopes may not assign names of outer ones (checked at definition time), so order does not
  // matter.
  for (const Scope* s = &current;; s = state_.find(s->parent)) {
    for (const auto& [name, value] : s->variables) {
      result.add_variable(surroundings_.arena.copy(name), parse(value));
    }
    if (s->id == kRootScope) break;
  }
  return result;
}

asl::Evaluated<base::Text> Turn::evaluate_output(const std::optional<asl::Template>& output,
                                                 asl::Evaluation& evaluation,
                                                 const base::Text& otherwise) {
  if (!output) return otherwise;
  auto value = evaluation.evaluate(*output);
  if (!value) return std::unexpected(std::move(value.error()));
  return base::Text(json::to_text(*value));
}

asl::Evaluated<std::vector<std::pair<std::string, base::Text>>> Turn::evaluate_assign(
    const std::vector<asl::Assignment>& assign, asl::Evaluation& evaluation) {
  std::vector<std::pair<std::string, base::Text>> values;
  values.reserve(assign.size());
  for (const asl::Assignment& assignment : assign) {
    auto value = evaluation.evaluate(assignment.value);
    if (!value) return std::unexpected(std::move(value.error()));
    values.emplace_back(assignment.name, base::Text(json::to_text(*value)));
  }
  return values;
}

std::string Turn::cause_prefix(const Scope& current) const {
  return fmt::format(
      "An error occurred while executing the state '{}' (entered at the event id #{}). ",
      state_of(current).name, current.entered_id);
}

}  // namespace weft::engine
