#include "engine/turn.h"

namespace weft::engine {

void Turn::start_pass(Scope& current) {
  const auto& body = std::get<asl::PassState>(state_of(current).body);
  if (!body.result) return start_succeed(current);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  auto result = values.evaluate(*body.result);
  if (!result) return fail_evaluation(current.id, result.error());
  leave(current.id, *result, values);
}

void Turn::start_succeed(Scope& current) {
  auto input = effective_input(current);
  if (!input) return fail_evaluation(current.id, input.error());
  leave(current.id, *input, current.entered_id);
}

}  // namespace weft::engine
