#pragma once

#include "jsonata/context.h"
#include "jsonata/program.h"

namespace weft::jsonata {

// What nodes do when they run; the compiler puts these into Node::run. Each is the evaluation rule
// of one kind of expression.

Value run_literal(const Node& node, Context& context, Frame* frame, Value input);
Value run_context_variable(const Node& node, Context& context, Frame* frame, Value input);
Value run_variable(const Node& node, Context& context, Frame* frame, Value input);
Value run_block(const Node& node, Context& context, Frame* frame, Value input);
Value run_condition(const Node& node, Context& context, Frame* frame, Value input);
Value run_bind(const Node& node, Context& context, Frame* frame, Value input);
Value run_array(const Node& node, Context& context, Frame* frame, Value input);
Value run_range(const Node& node, Context& context, Frame* frame, Value input);
Value run_regex(const Node& node, Context& context, Frame* frame, Value input);
Value run_filtered(const Node& node, Context& context, Frame* frame, Value input);

Value run_name(const Node& node, Context& context, Frame* frame, Value input);
Value run_wildcard(const Node& node, Context& context, Frame* frame, Value input);
Value run_descendant(const Node& node, Context& context, Frame* frame, Value input);
Value run_path(const Node& node, Context& context, Frame* frame, Value input);
Value run_names_path(const Node& node, Context& context, Frame* frame, Value input);

Value run_object(const Node& node, Context& context, Frame* frame, Value input);

Value run_negate(const Node& node, Context& context, Frame* frame, Value input);
Value run_add(const Node& node, Context& context, Frame* frame, Value input);
Value run_subtract(const Node& node, Context& context, Frame* frame, Value input);
Value run_multiply(const Node& node, Context& context, Frame* frame, Value input);
Value run_divide(const Node& node, Context& context, Frame* frame, Value input);
Value run_modulo(const Node& node, Context& context, Frame* frame, Value input);
Value run_equal(const Node& node, Context& context, Frame* frame, Value input);
Value run_not_equal(const Node& node, Context& context, Frame* frame, Value input);
Value run_less(const Node& node, Context& context, Frame* frame, Value input);
Value run_less_equal(const Node& node, Context& context, Frame* frame, Value input);
Value run_greater(const Node& node, Context& context, Frame* frame, Value input);
Value run_greater_equal(const Node& node, Context& context, Frame* frame, Value input);
Value run_in(const Node& node, Context& context, Frame* frame, Value input);
Value run_and(const Node& node, Context& context, Frame* frame, Value input);
Value run_or(const Node& node, Context& context, Frame* frame, Value input);
Value run_concatenate(const Node& node, Context& context, Frame* frame, Value input);

Value run_lambda(const Node& node, Context& context, Frame* frame, Value input);
Value run_call(const Node& node, Context& context, Frame* frame, Value input);
Value run_tail_call(const Node& node, Context& context, Frame* frame, Value input);
Value run_partial(const Node& node, Context& context, Frame* frame, Value input);
Value run_apply(const Node& node, Context& context, Frame* frame, Value input);
Value run_transform(const Node& node, Context& context, Frame* frame, Value input);

// A group applied to a value: `{...}` after an expression.
Value evaluate_group(const GroupNode& group, Context& context, Frame* frame, Value input);
// A filter applied to a value.
Value evaluate_filter(const Filter& filter, Context& context, Frame* frame, Value input);
// The items of a value in order; of a tuple stream the tuples.
Value evaluate_sort(const SortNode& sort, Context& context, Frame* frame, Value input);
// A call with an argument put before the written ones (unset(): none).
Value evaluate_call(const CallNode& call, Context& context, Frame* frame, Value input, Value first);

}  // namespace weft::jsonata
