#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/arena.h"
#include "json/value.h"
#include "jsonata/expression.h"

namespace weft::jsonata {

using json::Value;

struct CallNode;
struct Node;
struct Program;
class Regex;

// The names of a frame's slots, known when the expression is compiled.
struct FrameLayout {
  std::vector<std::string> names;
  std::unordered_map<std::string, uint32_t> slots;  // by name
};

// One variable scope of an evaluation, in the arena. A slot nothing was bound to holds
// Value::unset().
struct Frame {
  Frame* parent;
  const FrameLayout* layout;
  Value* slots() { return reinterpret_cast<Value*>(this + 1); }
  Frame* up(uint32_t hops) {
    Frame* frame = this;
    for (; hops > 0; --hops) frame = frame->parent;
    return frame;
  }
};

// One record of a tuple stream: the context value and a frame holding the names bound beside it.
// Streams are arrays with the flag kTupleStream whose items are tuple_value()s; they never leave
// the path machinery.
struct Tuple {
  Value at;
  Frame* frame;
};
inline Value tuple_value(const Tuple* tuple) { return Value::function(tuple); }
inline const Tuple& as_tuple(const Value& value) {
  return *static_cast<const Tuple*>(value.function_data());
}

// Where a lookup of one name ended last time: the same shape gives the same slot.
struct ShapeCache {
  const json::Shape* shape = nullptr;
  uint32_t slot = 0;
};

// The first error of an evaluation; formatted only when it is handed out.
struct Failure {
  std::string_view code;  // empty: a crossed bound, with the whole sentence in `message`
  size_t position = 0;
  bool has_token = false;
  std::string_view token;
  Value value;
  Value value2;
  Value exponent;
  size_t index = 0;
  std::string_view type;
  std::string_view message;
  std::string_view function_name;
};

// Everything one evaluation needs. After a failure every function returns undefined at once;
// whoever called checks `failed`.
struct Context {
  Context(json::Arena& memory, const Program& compiled, const Environment& outside,
          const Budget& bounds)
      : arena(memory),
        program(compiled),
        environment(outside),
        budget(bounds),
        scratch(memory.scratch()) {}

  json::Arena& arena;
  const Program& program;
  const Environment& environment;
  const Budget& budget;
  Dialect dialect = Dialect::kReference;

  Value root;  // $$
  std::span<const Binding> bindings;
  Value* globals = nullptr;  // one each Program::globals
  uint32_t global_count = 0;
  ShapeCache* caches = nullptr;  // one each name site
  uint32_t site_count = 0;
  uint32_t depth = 0;
  uint32_t depth_limit = UINT32_MAX;
  uint64_t fuel = 0;  // until the next look at the clock
  uint64_t fuel_reserve = 0;
  int64_t started_ms = 0;
  const char* stack_floor = nullptr;
  uint64_t random_state = 0;
  bool random_started = false;

  bool failed = false;
  Failure failure;

  // A call left to the loop in apply(): set by the tail position of a lambda body.
  const CallNode* tail_call = nullptr;
  Frame* tail_frame = nullptr;
  Value tail_input;

  std::string& scratch;  // for building texts

  // The pattern of the last date picture read by $toMillis, and what it compiled to.
  std::string date_pattern;
  std::shared_ptr<const Regex> date_regex;

  Value fail(std::string_view code, size_t position = 0, std::string_view token = {});
  Value fail_value(std::string_view code, Value value, size_t position = 0);
  // A crossed bound. Its sentence must outlive the context.
  Value fail_bound(std::string_view sentence);
  Value fail_depth();
  // Adds the place to a failure that has none yet.
  void locate(size_t position, std::string_view token);

  // Whether the native stack is used up, the failure then set: asked by whatever walks values
  // recursively.
  bool too_deep() {
    // The frame, not a local: AddressSanitizer keeps locals away from the stack.
    if (static_cast<const char*>(__builtin_frame_address(0)) >= stack_floor) [[likely]]
      return false;
    fail_depth();
    return true;
  }

  // Takes `steps` of work; false when the evaluation must stop (failure set).
  bool spend(uint64_t steps = 1) {
    if (fuel >= steps) [[likely]] {
      fuel -= steps;
      return true;
    }
    return refuel(steps);
  }
  // Whether a string or range of `bytes` may be made; sets the failure when not.
  bool may_make(size_t bytes);

  // Whether `bytes` of the arena may be taken; sets the failure when not.
  bool may_allocate(size_t bytes);

  // Whether a picture string is short enough to be worked on; sets the failure when not.
  bool may_read_picture(std::string_view picture);

  // Makes room for a program's globals and caches behind those there are, and fills in the caller's
  // variables.
  void add_program(const Program& added);

  Frame* make_frame(Frame* parent, const FrameLayout& layout);

 private:
  bool refuel(uint64_t steps);
};

}  // namespace weft::jsonata
