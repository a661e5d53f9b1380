#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "json/value.h"

// The seam between the states and the query languages: what a language made of one field of a
// definition, and what comes of it when the state runs. States, engine and Map Run see this only;
// which language stands behind a field is known to src/asl.

namespace weft::asl {

class Evaluation;

enum class QueryLanguage : uint8_t { kJsonPath, kJsonata };

// Why a field could not be evaluated: AWS's error name and the cause without the "An error occurred
// while executing the state ..." sentence that the caller puts in front.
struct Fault {
  std::string error = "States.QueryEvaluationError";
  std::string cause;
  std::string field;     // the location of EvaluationFailed
  bool recorded = true;  // the history tells of it by an event EvaluationFailed
};

template <typename T>
using Evaluated = std::expected<T, Fault>;

// What a field's value is needed as.
struct Wanted {
  enum class Kind : uint8_t { kBoolean, kString, kInteger, kNumber, kTime, kItems };
  Kind kind = Kind::kString;
  int64_t minimum = 0;  // kInteger
  int64_t maximum = 0;
};

// One compiled field. Immutable, shared by all executions and threads.
class Query {
 public:
  virtual ~Query() = default;

  // The field's value with the data in `data`; it lives in its arena.
  virtual Evaluated<json::Value> evaluate(Evaluation& data) const = 0;
  // `value`, which evaluate() gave, as it is wanted: kTime gives milliseconds since 1970, kItems an
  // array or an object.
  virtual Evaluated<json::Value> fit(Evaluation& data, json::Value value,
                                     const Wanted& wanted) const = 0;
  // Adds the names (without $) of the variables it reads.
  virtual void add_variables(std::set<std::string>& names) const = 0;
  // The member `name` of the object it gives, where that is known before any run; else undefined.
  virtual json::Value known_member(std::string_view name) const = 0;
  // Whether the object it gives has a member `name`; true, too, where only a run can tell.
  virtual bool may_have_member(std::string_view name) const = 0;
};

// A field of a state: a literal, or a query.
struct Template {
  json::Value literal;  // undefined when there is a query; lives as long as the Program
  std::shared_ptr<const Query> query;  // null for a literal
  // Slash path from the state: "Output", "Arguments/FunctionName", "Output/values[0]".
  std::string field;

  bool is_literal() const { return query == nullptr; }
  json::Value known_member(std::string_view name) const {
    return is_literal() ? literal.find(name) : query->known_member(name);
  }
};

}  // namespace weft::asl
