#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "asl/program.h"
#include "json/arena.h"
#include "json/value.h"
#include "jsonata/expression.h"

// Turning Templates into values: what both an execution and a Map Run do with the fields of a
// state.

namespace weft::asl {

// Why a field could not be evaluated: AWS's error name and the cause without the "An error occurred
// while executing the state ..." sentence that the caller puts in front. `field` is the location of
// EvaluationFailed.
struct Fault {
  std::string error = "States.QueryEvaluationError";
  std::string cause;
  std::string field;
};

template <typename T>
using Evaluated = std::expected<T, Fault>;

// Gives the context object ($states.context) when an expression asks for it.
class ContextSource {
 public:
  virtual ~ContextSource() = default;
  virtual json::Value context(json::Arena& arena) = 0;
};

// Evaluates the fields of one state. `$states` holds input always, the others where set; variables
// are bound by name. Values live in the arena. Not thread-safe; use one per state visit.
class Evaluation {
 public:
  Evaluation(json::Arena& arena, const jsonata::Environment& environment, ContextSource& context);

  void set_input(json::Value value);
  void set_result(json::Value value);
  void set_error_output(json::Value value);
  void add_variable(std::string_view name, json::Value value);  // `name` must outlive this object

  Evaluated<json::Value> evaluate(const Template& source);
  // The same, for fields that must come out as a certain type.
  Evaluated<bool> evaluate_boolean(const Template& source);
  Evaluated<std::string> evaluate_string(const Template& source);
  // A whole number in [minimum, maximum].
  Evaluated<int64_t> evaluate_integer(const Template& source, int64_t minimum, int64_t maximum);
  Evaluated<double> evaluate_number(const Template& source);

 private:
  Evaluated<json::Value> evaluate_expression(const Template& source);
  Evaluated<json::Value> evaluate_object(const Template& source);
  Evaluated<json::Value> evaluate_array(const Template& source);
  json::Value states(bool with_context);

  json::Arena& arena_;
  const jsonata::Environment& environment_;
  ContextSource& context_;
  json::Value input_;
  json::Value result_;
  json::Value error_output_;
  json::Value context_value_;
  json::Value states_[2];
  bool states_built_[2] = {false, false};
  std::vector<jsonata::Binding> bindings_;  // [0] is $states
};

// "Expected 'array', but was 'number' for value: 1", as AWS words a field of the wrong type.
Fault unexpected_type(const Template& source, std::string_view expected, json::Value value);
// array, number, string, boolean, object, null.
std::string_view type_name(json::Value value);

}  // namespace weft::asl
