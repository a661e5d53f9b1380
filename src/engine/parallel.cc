#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

void Turn::start_parallel(Scope& current) {
  const auto& body = std::get<asl::ParallelState>(state_of(current).body);
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);
  auto input = body.arguments ? values.evaluate_text(*body.arguments) : values.input_text();
  if (!input) return fail_evaluation(current.id, input.error());
  if (input->size() > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(current.id, state_of(current).name, current.last_id);
  Event e = event(EventType::kParallelStateStarted, current, current.last_id);
  e.text = std::move(*input);
  commit(std::move(e));
}

void Turn::finish_parallel(ScopeId id) {
  const Fork& fork = *scope(id).fork;
  // The branches' texts are spliced as they are: AWS keeps their blanks.
  std::string result = "[";
  for (const base::Text& output : fork.results) {
    if (result.size() > 1) result += ',';
    result += output.view();
  }
  result += ']';
  const uint64_t last = fork.last_finished_id;
  if (result.size() > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(id, state_of(scope(id)).name, last);
  commit_simple(EventType::kParallelStateSucceeded, scope(id), last);
  leave(id, base::Text(std::move(result)), last);
}

}  // namespace weft::engine
