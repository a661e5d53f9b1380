#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/arena.h"
#include "json/value.h"
#include "jsonpath/failure.h"
#include "jsonpath/fault.h"
#include "jsonpath/scope.h"
#include "jsonpath/state_path.h"

namespace weft::jsonpath {

struct Call;

// A call of an intrinsic function, `States.Format('Hello {}', $.name)`, with the calls inside it
// (AWS guide, "Intrinsic functions for JSONPath states"). Immutable, cheap to copy, safe to
// evaluate from many threads at once.
class Intrinsic {
 public:
  static std::expected<Intrinsic, CompileError> compile(std::string_view text);

  const std::string& text() const;
  // The outermost function, "States.Format".
  std::string_view function() const;

  // Evaluates with `document` as `$`. Fault: States.Runtime when an argument's path finds nothing,
  // States.IntrinsicFailure when a function refuses its arguments.
  std::expected<json::Value, Fault> evaluate(const json::Value& document, Scope& scope,
                                             json::Arena& arena) const;

  // The paths among its arguments, those of inner calls included, in order of appearance.
  std::vector<const StatePath*> paths() const;

 private:
  std::shared_ptr<const Call> call_;
};

// Whether `text` means to be a call: it begins with "States.".
inline bool looks_like_intrinsic(std::string_view text) { return text.starts_with("States."); }

}  // namespace weft::jsonpath
