#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asl/query.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "json/arena.h"
#include "json/value.h"
#include "json/write.h"
#include "jsonata/expression.h"

// Turning Templates into values: what both an execution and a Map Run do with the fields of a
// state.

namespace weft::asl {

// Gives the context object ($states.context, $$) when a query asks for it.
class ContextSource {
 public:
  virtual ~ContextSource() = default;
  virtual json::Value context(json::Arena& arena) = 0;
};

// What of a state's data a test of it shows beside its input and output; absent is what it did not
// come to. JSONPath states only.
struct Stages {
  std::optional<base::Text> after_input_path;  // where InputPath selects
  std::optional<base::Text> after_result_selector;
  std::optional<base::Text> after_result_path;
};

// What an evaluation knows of the outside.
using Environment = jsonata::Environment;

// A payload in both forms; the text is null when it is not known.
struct Payload {
  json::Value value;
  base::Text text;
};

// The data of one state visit, and its fields evaluated with it. Input is set always, the others
// where the state has them; variables are bound by name. Values live in the arena. Not
// thread-safe; use one per state visit.
class Evaluation {
 public:
  Evaluation(json::Arena& arena, const Environment& environment, ContextSource& context,
             QueryLanguage language);

  // `selection` (may be null, must outlive this object) says what the state takes of its input.
  void set_input(Payload input, const Template* selection = nullptr);
  void set_result(Payload result);
  void set_error_output(json::Value value);
  void add_variable(std::string_view name, json::Value value);  // `name` must outlive this object

  // `stages` (may be null, must outlive this object) is told of what comes between the fields.
  void watch(Stages* stages) { stages_ = stages; }

  // Texts that would be longer than this are cut somewhere beyond it, and are no JSON then: for
  // callers that refuse them by their length. Without a bound unless told otherwise.
  void bound_texts(size_t bytes_max) { text_bytes_max_ = bytes_max; }

  // The state's input after its selection, as text.
  Evaluated<base::Text> input_text();
  Evaluated<json::Value> evaluate(const Template& source);
  // The same as text. A payload that comes out as it is keeps its text where the language does so.
  Evaluated<base::Text> evaluate_text(const Template& source);
  // The same, for fields that must come out as a certain type.
  Evaluated<bool> evaluate_boolean(const Template& source);
  Evaluated<std::string> evaluate_string(const Template& source);
  // A whole number in [minimum, maximum].
  Evaluated<int64_t> evaluate_integer(const Template& source, int64_t minimum, int64_t maximum);
  Evaluated<double> evaluate_number(const Template& source);
  Evaluated<base::UnixMs> evaluate_time(const Template& source);
  // An array, or an object whose members are the items (AWS accepts them since 2025-09).
  Evaluated<json::Value> evaluate_items(const Template& source);
  // A value of `field` that came out well and is not allowed all the same.
  Fault fault(std::string cause, std::string_view field) const;

  // ---- for the languages
  json::Arena& arena() { return arena_; }
  // The outside for one more expression: with random numbers of its own.
  const Environment& environment();
  uint64_t random_bits() { return environment().random_seed; }
  // The variable `name`; undefined when it was never assigned.
  json::Value variable(std::string_view name) const;
  json::Value raw_input() const { return input_.value; }
  Evaluated<json::Value> input();                       // after the selection
  json::Value result() const { return result_.value; }  // undefined when there is none
  json::Value error_output() const { return error_output_; }
  json::Value context();
  // A payload of the state as text: what nothing transformed keeps its text.
  base::Text text_of(json::Value value) const;
  Stages* stages() { return stages_; }
  // All variables; [0] is a place of the JSONata side.
  std::vector<jsonata::Binding>& bindings() { return bindings_; }
  // `$states`, which stays the same as long as nothing is set.
  json::Value states(bool with_context);

 private:
  Evaluated<json::Value> fitted(const Template& source, const Wanted& wanted);
  json::Arena& arena_;
  Environment environment_;
  uint64_t seed_;
  uint64_t draws_ = 0;
  ContextSource& context_;
  QueryLanguage language_;
  Payload input_;
  const Template* selection_ = nullptr;
  std::optional<Evaluated<json::Value>> selected_;
  Payload result_;
  json::Value error_output_;
  Stages* stages_ = nullptr;
  size_t text_bytes_max_ = SIZE_MAX;
  json::Value context_value_;
  json::Value states_[2];
  bool states_built_[2] = {false, false};
  std::vector<jsonata::Binding> bindings_;
};

// A payload as the language reads and writes it; they differ in numbers: JSONPath keeps the
// digits of whole numbers and writes 1.0. See json::parse() and json::write().
base::Result<json::Value> parse(std::string_view text, json::Arena& arena, QueryLanguage language);
std::string to_text(json::Value value, QueryLanguage language,
                    const json::WriteBounds& bounds = {});

// `value` for a cause: no longer than one is shown.
std::string quoted(json::Value value);

// A time as the context object shows it: ISO 8601, without a fraction of zero.
std::string context_time(base::UnixMs time_ms);

// array, number, string, boolean, object, null.
std::string_view type_name(json::Value value);

}  // namespace weft::asl
