#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "jsonata/context.h"
#include "jsonata/program.h"
#include "jsonata/signature.h"

namespace weft::jsonata {

// What a function value points at. All are arena data except natives, which are static.
struct Function {
  enum class Kind : uint8_t {
    kNative,
    kLambda,
    kComposed,
    kPartial,
    kRegex,
    kRegexNext,
    kTransform
  };
  Kind kind;
  uint32_t arity;  // arguments higher-order functions pass at most
};

// Arguments a native receives: `values` has at least as many entries as the signature has
// parameters (undefined when not given), `count` says how many were really passed. `input` is the
// context of the call.
struct Arguments {
  const Value* values;
  size_t count;
  Value input;
  Frame* frame;
  const Value& operator[](size_t i) const { return values[i]; }
};

struct NativeFunction : Function {
  using Implementation = Value (*)(Context& context, const Arguments& arguments);
  std::string_view name;
  std::string_view signature_text;
  Implementation implementation;
  const Signature* signature;
};

struct LambdaFunction : Function {
  const LambdaNode* node;
  Frame* frame;
  Value input;
};

struct ComposedFunction : Function {
  Value first;
  Value second;
};

struct PartialFunction : Function {
  Value target;
  const Value* arguments;  // unset() where open
  uint32_t count;
};

struct RegexFunction : Function {
  const Regex* regex;
};

// The `next` of a match: continues in `text`, known to be valid UTF-8, from byte `from`, which is
// UTF-16 unit `from_unit`.
struct RegexNextFunction : Function {
  const Regex* regex;
  Value text;
  size_t from;
  size_t from_unit;
};

struct TransformFunction : Function {
  const TransformNode* node;
  Frame* frame;
  Value input;
};

inline const Function& as_function(const Value& value) {
  return *static_cast<const Function*>(value.function_data());
}

// Calls a function value, running tail calls to their end. An error keeps its token or gets
// `token`, and its position becomes `position` when that is not 0.
Value apply(Context& context, Value function, const Value* arguments, size_t count, Value input,
            size_t position = 0, std::string_view token = {});

// Calls from a higher-order function: as many of the arguments as the function's arity asks for (at
// least one).
Value apply_each(Context& context, Value function, const Value* arguments, size_t count);

// Calls `function`, and when the result is a scalar forgets all memory the call used.
Value apply_frugally(Context& context, Value function, const Value* arguments, size_t count);

}  // namespace weft::jsonata
