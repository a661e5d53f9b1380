#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/arena.h"
#include "json/value.h"
#include "jsonata/context.h"

namespace weft::jsonata {

struct NativeFunction;
struct Signature;
class Regex;

// A compiled node: a function over the node's own data. Nodes live in their program's arena and are
// never changed.
struct Node {
  using Run = Value (*)(const Node& node, Context& context, Frame* frame, Value input);
  Run run = nullptr;
  size_t position = 0;
  bool keep_array = false;
  // Filters follow: the singleton rule is left to the node that applies them.
  bool raw = false;
};

// Runs a node as the language's evaluate(): one level deeper, within the depth bound.
inline Value evaluate_node(const Node& node, Context& context, Frame* frame, Value input) {
  if (++context.depth > context.depth_limit) [[unlikely]] {
    --context.depth;
    return context.fail_depth();
  }
  const Value result = node.run(node, context, frame, input);
  --context.depth;
  return result;
}

// The singleton rule on leaving a node: sequences of none and one are undefined and the item.
inline Value finish_sequence(Value value, bool keep_array) {
  if (!value.is_array() || !value.has_flag(Value::kSequence) ||
      value.has_flag(Value::kTupleStream)) {
    return value;
  }
  if (value.size() == 0) return {};
  if (value.size() == 1 && !keep_array && !value.has_flag(Value::kKeepSingleton))
    return value.item(0);
  return keep_array ? value.with_flags(value.flags() | Value::kKeepSingleton) : value;
}

inline Value finish_node(Value value, const Node& node) {
  return node.raw ? value : finish_sequence(value, node.keep_array);
}

struct LiteralNode : Node {
  Value value;
};

// One scope that may hold a variable: `hops` frames up.
struct VariableSlot {
  uint32_t hops;
  uint32_t slot;
};

struct VariableNode : Node {
  std::string_view name;
  const VariableSlot* candidates = nullptr;  // inner first; the first that is bound counts
  uint32_t candidate_count = 0;
  uint32_t global = 0;
};

struct NameNode : Node {
  json::Key key;
  uint32_t site = 0;
};

// A filter: a literal index, or an expression giving indices or a truth.
struct Filter {
  const Node* expression = nullptr;  // nullptr: literal index
  int64_t index = 0;
};

// A stage of a step: a filter, or the numbering of tuples into a slot.
struct Stage {
  bool is_index = false;
  Filter filter;
  uint32_t slot = 0;
};

struct GroupNode : Node {
  struct Pair {
    const Node* key;
    const Node* value;
  };
  const Pair* pairs = nullptr;
  uint32_t count = 0;
  // All keys are distinct constant names: the shape is known when every value is defined.
  const json::Shape* constant_shape = nullptr;
};

// A node with predicates or a group after it.
struct FilteredNode : Node {
  const Node* inner = nullptr;
  const Filter* filters = nullptr;
  uint32_t filter_count = 0;
  const GroupNode* group = nullptr;
};

struct SortNode : Node {
  struct Term {
    const Node* expression;
    bool descending;
  };
  const Term* terms = nullptr;
  uint32_t count = 0;
};

constexpr uint32_t kNoSlot = UINT32_MAX;

struct Step {
  const Node* node = nullptr;
  const NameNode* name = nullptr;  // the node, when it is a plain name
  const SortNode* sort = nullptr;
  const Stage* stages = nullptr;
  uint32_t stage_count = 0;
  bool cons_array = false;
  bool tuple = false;
  uint32_t focus_slot = kNoSlot;
  uint32_t index_slot = kNoSlot;
  uint32_t ancestor_slot = kNoSlot;
};

struct PathNode : Node {
  const Step* steps = nullptr;
  uint32_t count = 0;
  bool starts_with_variable = false;
  bool keep_singleton = false;
  bool hands_on_tuples = false;
  const FrameLayout* layout = nullptr;  // of the tuples; nullptr when the path binds nothing
  const GroupNode* group = nullptr;
};

// Names only, with a variable in front or not: a run of member lookups while values are objects.
struct NamesPathNode : Node {
  const Node* start = nullptr;  // the variable; nullptr: the context
  const NameNode* const* names = nullptr;
  uint32_t count = 0;
  bool keep_singleton = false;
};

struct ArrayNode : Node {
  struct Item {
    const Node* node;
    bool is_array;  // itself a constructor: pushed whole
  };
  const Item* items = nullptr;
  uint32_t count = 0;
  bool cons_array = false;
};

struct UnaryNode : Node {
  const Node* operand = nullptr;
};

struct BinaryNode : Node {
  const Node* left = nullptr;
  const Node* right = nullptr;
  std::string_view token;
};

struct ConditionNode : Node {
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;
};

struct BlockNode : Node {
  const Node* const* items = nullptr;
  uint32_t count = 0;
  const FrameLayout* layout = nullptr;  // nullptr: binds nothing
};

struct BindNode : Node {
  const Node* value = nullptr;
  uint32_t hops = 0;
  uint32_t slot = 0;
};

struct LambdaNode : Node {
  const FrameLayout* layout = nullptr;  // parameters first
  uint32_t parameter_count = 0;
  // Slot of each parameter (two of one name share theirs).
  const uint32_t* parameter_slots = nullptr;
  const Node* body = nullptr;
  const Signature* signature = nullptr;
};

struct CallNode : Node {
  const Node* procedure = nullptr;
  const Node* const* arguments = nullptr;
  uint32_t count = 0;
  std::string_view token;       // name of the callee, as errors show it
  std::string_view suggestion;  // callee is the plain name of a function: T1005 instead of T1006
  const VariableNode* library =
      nullptr;  // callee is a library function unless a caller's variable hides it
  const NativeFunction* native = nullptr;
  bool callee_is_variable = false;
};

struct PartialNode : CallNode {};  // nullptr arguments are the open ones

struct ApplyNode : Node {
  const Node* left = nullptr;
  const Node* right = nullptr;
  const CallNode* call = nullptr;  // right side is a call: left becomes its first argument
};

struct TransformNode : Node {
  const Node* pattern = nullptr;
  const Node* update = nullptr;
  const Node* removal = nullptr;
  const VariableNode* clone = nullptr;
};

struct RegexNode : Node {
  const Regex* regex = nullptr;
};

// What a variable refers to that no scope of the expression binds.
struct Global {
  std::string name;
  Value initial;  // the library function, or unset
};

// A compiled expression: the nodes and what they need. Immutable once compiled.
struct Program {
  json::Arena arena;
  Node* root = nullptr;
  const FrameLayout* layout = nullptr;  // of the outermost scope
  std::vector<Global> globals;
  std::unordered_map<std::string, uint32_t> global_indices;  // by name
  uint32_t site_count = 0;
  // Where this program's entries begin in the context's globals and caches (behind those of the
  // programs around a $eval).
  uint32_t global_base = 0;
  uint32_t site_base = 0;
  std::deque<FrameLayout> layouts;
  std::vector<std::shared_ptr<const Regex>> regexes;
  std::vector<std::shared_ptr<const Signature>> signatures;
  Dialect dialect = Dialect::kReference;

  uint32_t global_slot(std::string_view name);
};

}  // namespace weft::jsonata
