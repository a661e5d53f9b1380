#include "jsonata/expression.h"

#include <algorithm>

#include "jsonata/compiler.h"
#include "jsonata/describe.h"
#include "jsonata/errors.h"
#include "jsonata/program.h"

namespace weft::jsonata {

namespace {

// Bytes of native stack an evaluation may use before it counts as endless recursion.
constexpr size_t kNativeStackBytes = 3 * 1024 * 1024;

}  // namespace

std::expected<std::shared_ptr<const Expression>, CompileError> Expression::compile(
    std::string_view text, Dialect dialect) {
  SyntaxFailure failure;
  CompileFacts facts;
  std::shared_ptr<Expression> expression(new Expression);
  expression->text_ = text;
  expression->dialect_ = dialect;
  expression->program_ = compile_program(expression->text_, dialect, facts, failure);
  if (expression->program_ == nullptr) return std::unexpected(describe(failure));
  expression->free_variables_ = std::move(facts.free_variables);
  expression->top_level_names_ = std::move(facts.top_level_names);
  expression->states_members_ = std::move(facts.states_members);
  expression->reads_all_states_ = facts.reads_all_states;
  return expression;
}

bool Expression::reads_states_member(std::string_view member) const {
  return reads_all_states_ ||
         std::find(states_members_.begin(), states_members_.end(), member) != states_members_.end();
}

Budget Budget::unbounded() {
  Budget budget;
  budget.fuel = UINT64_MAX / 2;
  budget.arena_bytes = size_t{4} * 1024 * 1024 * 1024;
  budget.depth = 0;
  budget.wall = std::chrono::milliseconds(0);
  budget.value_bytes = 0;
  return budget;
}

std::expected<json::Value, EvaluationError> evaluate(
    const Expression& expression, json::Value input, std::span<const Binding> bindings,
    json::Arena& arena, const Environment& environment, const Budget& budget) {
  const Program& program = expression.program();
  Context context(arena, program, environment, budget);
  context.stack_floor = static_cast<const char*>(__builtin_frame_address(0)) - kNativeStackBytes;
  context.dialect = expression.dialect();
  context.depth_limit = budget.depth == 0 ? UINT32_MAX : budget.depth;
  context.fuel_reserve = budget.fuel;
  context.started_ms = environment.clock == nullptr ? 0 : environment.clock();
  context.random_state = environment.random_seed;
  context.root = input;
  context.bindings = bindings;
  const size_t cap = arena.byte_cap();
  const size_t used = arena.bytes_used();
  arena.set_byte_cap(std::min(cap, used + std::min(budget.arena_bytes, SIZE_MAX - used)));
  context.add_program(program);
  if (input.is_array() && !input.has_flag(Value::kSequence)) {
    auto* wrapped = arena.allocate_array<Value>(1);
    *wrapped = input;
    input = Value::array(wrapped, 1, Value::kSequence | Value::kOuterWrapper);
  }
  Frame* frame = context.make_frame(nullptr, *program.layout);
  const Value result = evaluate_node(*program.root, context, frame, input);
  if (!context.failed && arena.over_limit()) context.fail_bound(kMemoryMessage);
  arena.set_byte_cap(cap);
  if (context.failed) return std::unexpected(describe(context.failure));
  return result;
}

}  // namespace weft::jsonata
