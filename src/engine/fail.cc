#include "engine/turn.h"

namespace weft::engine {

void Turn::start_fail(Scope& current) {
  const auto& body = std::get<asl::FailState>(state_of(current).body);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  Failure failure{.event_id = current.entered_id};
  if (body.error) {
    auto error = values.evaluate_string(*body.error);
    if (!error) return fail_evaluation(current.id, error.error(), false);
    failure.error = std::move(*error);
  }
  if (body.cause) {
    auto cause = values.evaluate_string(*body.cause);
    if (!cause) return fail_evaluation(current.id, cause.error(), false);
    failure.cause = std::move(*cause);
  }
  fail(current.id, std::move(failure), false);
}

}  // namespace weft::engine
