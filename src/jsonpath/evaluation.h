#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/arena.h"
#include "json/build.h"
#include "json/value.h"
#include "jsonpath/failure.h"
#include "jsonpath/filter.h"
#include "jsonpath/path.h"
#include "jsonpath/steps.h"

// Internal to src/jsonpath.

namespace weft::jsonpath {

// The bounds of one evaluation, shared by the paths of its filters.
struct Allowance {
  uint64_t nodes;
};

// One path on its way through one document. Plain steps (a name, an index) are taken in a loop;
// steps that fan out call walk() for each way. Where a way ends in nothing, the nearest wildcard
// over an array forgives it; outside of any it fails the whole path, and the text of the place is
// put together while the calls return, so that a walk that succeeds builds no text.
class Evaluation {
 public:
  Evaluation(const Steps& steps, const json::Value& root, json::Arena& arena, Allowance& allowance,
             OutOfRange out_of_range)
      : steps_(steps),
        root_(root),
        arena_(arena),
        allowance_(allowance),
        out_of_range_(out_of_range),
        hits_(arena) {}

  // What the path finds, starting at `start`.
  std::expected<json::Value, Failure> run(const json::Value& start);

  // The same for the path of a filter, which names one node: found, nothing there (without a
  // text), or failed.
  enum class Found : uint8_t { kYes, kNo, kFailed };
  Found find(const json::Value& start, bool all_names);
  // The node after kYes. `slot` is where it stands in its document, nullptr for an object that
  // several names made.
  const json::Value& value() const { return single_; }
  const json::Value* slot() const { return slot_; }
  Failure take_failure() { return std::move(failure_); }

 private:
  enum class StepResult : uint8_t { kOk, kAbsent, kFailed };

  StepResult walk(size_t first, const json::Value& start);
  StepResult take_steps(size_t& at, const json::Value*& node);
  StepResult take_name(size_t at, const json::Value*& node, bool& ended);
  StepResult take_names(size_t at, const json::Value& node);
  StepResult take_index(size_t at, const json::Value*& node);
  StepResult fan_out(size_t at, const json::Value& node);
  StepResult wildcard(size_t at, const json::Value& node);
  StepResult indices(size_t at, const json::Value& node);
  StepResult slice(size_t at, const json::Value& node);
  StepResult filtered(size_t at, const json::Value& node);
  StepResult scan(size_t at, const json::Value& node);
  StepResult scan_here(size_t at, const json::Value& node);
  StepResult element(size_t at, const json::Value& array, int64_t index);
  StepResult require_array(size_t at, const json::Value& node);

  // Whether `node` matches; failed() tells a fault from false.
  enum class Holds : uint8_t { kNo, kYes, kFailed };
  Holds matches(const Step& step, const json::Value& node);
  Holds criterion_holds(const Criterion& criterion, const json::Value& node);
  Holds comparison_holds(const Criterion& criterion, const json::Value& node);
  Holds pattern_holds(const Criterion& criterion, const json::Value& node);
  Holds text_matches(const Pattern& pattern, std::string_view text);
  // The value of an operand, a text for a literal.
  struct Side {
    json::Value value;
    const json::Value* slot = nullptr;
    const Operand* literal = nullptr;
  };
  Holds resolve(const Operand& operand, const json::Value& node, Side& side, bool all_names);
  Holds compare(Criterion::Operator op, const Side& left, const Side& right);
  Holds compare_numbers(Criterion::Operator op, const Side& left, const Side& right);

  bool is_last(size_t at) const { return at + 1 == steps_.steps.size(); }
  bool spend(uint64_t nodes);
  StepResult hit(const json::Value& value, const json::Value* slot);
  // Ends a way: `before`, the place and `after` make the text.
  StepResult absent(Failure::Kind kind, std::string_view before, std::string after);
  StepResult fail(Failure::Kind kind, std::string message);
  StepResult fail_here(Failure::Kind kind, std::string_view before, std::string after);
  void prepend(std::string_view segment);
  void prepend_steps(size_t first, size_t end, const json::Value& start);
  Failure finished_failure();

  const Steps& steps_;
  const json::Value& root_;
  json::Arena& arena_;
  Allowance& allowance_;
  OutOfRange out_of_range_;
  json::ArrayBuilder hits_;
  json::Value single_;
  const json::Value* slot_ = nullptr;
  bool all_names_ = false;
  int forgiving_ = 0;
  int depth_ = 0;

  Failure failure_;
  std::string place_;  // of the failure, from the current call on
  std::string after_;
  bool has_place_ = false;  // failure_.message + place_ + after_ is the text
  bool place_done_ = false;
};

}  // namespace weft::jsonpath
