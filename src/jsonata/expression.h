#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/arena.h"
#include "json/value.h"

namespace weft::jsonata {

struct Program;

// kReference is jsonata-js 2.2.2 as it behaves; kAws is the language of Step Functions states: no
// ?: ?? $eval, with $partition $range $hash $random(seed) $uuid $parse, and bounded (AWS developer
// guide, "Transforming data with JSONata").
enum class Dialect { kReference, kAws };

// Why a text is no expression. Positions count UTF-16 units from 0 and stand after the token, as
// the reference's do.
struct CompileError {
  std::string code;  // S0201
  size_t position = 0;
  std::string token;
  std::string message;  // the reference's sentence, without the code
};

// A compiled expression: immutable, safe to evaluate from many threads at once.
class Expression {
 public:
  static std::expected<std::shared_ptr<const Expression>, CompileError> compile(
      std::string_view text, Dialect dialect);

  const std::string& text() const { return text_; }
  Dialect dialect() const { return dialect_; }
  // Names used as $name that the expression does not bind itself and that are no library functions:
  // without the $, "" for $ (the top-level context, also read by unqualified names), "$" for $$.
  std::span<const std::string> free_variables() const { return free_variables_; }
  // Unqualified names that read the top-level context (`a` in `a.b`), in order of appearance.
  std::span<const std::string> top_level_names() const { return top_level_names_; }
  // Whether $states.<member> may be read; also true for every member when $states is used whole.
  bool reads_states_member(std::string_view member) const;

  const Program& program() const { return *program_; }

 private:
  Expression() = default;

  std::string text_;
  Dialect dialect_ = Dialect::kAws;
  std::shared_ptr<const Program> program_;
  std::vector<std::string> free_variables_;
  std::vector<std::string> top_level_names_;
  std::vector<std::string> states_members_;
  bool reads_all_states_ = false;
};

// Bounds of one evaluation; crossing one is an error without a code.
struct Budget {
  uint64_t fuel = 100'000'000;             // steps: evaluated nodes, items, calls
  size_t arena_bytes = 256 * 1024 * 1024;  // of one evaluation, in the arena
  uint32_t depth = 100;  // nested evaluations (0: bounded by the native stack only)
  std::chrono::milliseconds wall{1'000};  // needs Environment::clock
  size_t value_bytes =
      6'990'256;  // of one range or string: 8 a number, 1 a character (0: unbounded)
  // The bounds of the reference: none but the language's own.
  static Budget unbounded();
};

// What an evaluation knows of the outside. $now, $millis, $random, $uuid and the time limit come
// only from here.
struct Environment {
  base::UnixMs now_ms = 0;
  uint64_t random_seed = 0;
  // A steady clock in milliseconds, read now and then to keep Budget::wall; nullptr: fuel alone
  // bounds the evaluation.
  int64_t (*clock)() = nullptr;
};

// A variable of the caller: name without the $.
struct Binding {
  std::string_view name;
  json::Value value;
};

// Why an evaluation failed. `code` is empty when a bound was crossed; then `message` is AWS's
// sentence for that bound.
struct EvaluationError {
  std::string code;     // T1006
  std::string message;  // the reference's sentence
  size_t position = 0;  // UTF-16 units; 0 when unknown
  std::string token;
  std::string value;          // JSON text of the offending value; empty when there is none
  std::string function_name;  // of D3140
};

// Evaluates with `input` as the context (undefined: none). The result lives in `arena` and may
// share parts of the input and the bindings; it is undefined when the expression yields nothing,
// and may be a function. Nothing is kept between calls.
std::expected<json::Value, EvaluationError> evaluate(
    const Expression& expression, json::Value input, std::span<const Binding> bindings,
    json::Arena& arena, const Environment& environment, const Budget& budget = {});

}  // namespace weft::jsonata
