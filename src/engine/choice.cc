#include "engine/turn.h"

namespace weft::engine {

void Turn::start_choice(Scope& current) {
  const asl::State& state = state_of(current);
  const auto& body = std::get<asl::ChoiceState>(state.body);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  auto input = values.input_text();
  if (!input) return fail_evaluation(current.id, input.error());

  const std::optional<asl::Template>* output = &state.output;
  const std::vector<asl::Assignment>* assign = &state.assign;
  asl::StateId next = body.default_next;
  for (const asl::ChoiceRule& rule : body.rules) {
    auto holds = values.evaluate_boolean(rule.condition);
    if (!holds) return fail_evaluation(current.id, holds.error());
    if (!*holds) continue;
    next = rule.next;
    output = &rule.output;
    assign = &rule.assign;
    break;
  }
  if (next == asl::kNoState) {
    // The service's own error, which nothing catches, not the States.NoChoiceMatched of AWS's page
    // of error names (measured on AWS).
    return fail(current.id, {.error = "States.Runtime",
                             .cause = cause_prefix(current) +
                                      "Failed to transition out of the state. The state does not "
                                      "point to a next state.",
                             .event_id = current.entered_id});
  }
  auto variables = evaluate_assign(*assign, values);
  if (!variables) return fail_evaluation(current.id, variables.error());
  auto result = evaluate_output(*output, values, *input);
  if (!result) return fail_evaluation(current.id, result.error());
  leave_with(current.id, std::move(*result), std::move(*variables), next, current.entered_id);
}

}  // namespace weft::engine
