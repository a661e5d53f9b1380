#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::jsonata {

// What a node of the syntax tree is, before and after the passes of processor.h.
enum class AstType {
  kName,
  kString,
  kNumber,
  kLiteral,  // true, false, null
  kVariable,
  kWildcard,
  kDescendant,
  kParent,
  kRegex,
  kPath,
  kBinary,  // value is the operator; before the passes also . [ { ^ := @ # ~>
  kNegate,
  kArray,
  kObject,
  kRange,
  kCall,
  kPartial,
  kPlaceholder,  // the ? of a partial application
  kLambda,
  kCondition,
  kBlock,
  kBind,
  kApply,
  kTransform,
  kSort,
  kOperatorWord,  // and, or, in where an operand stands
  kEnd            // the end of the text where an operand should stand
};

// The place a parent operator reads: the path step `level` levels up stores its context under
// `label`.
struct AncestorSlot {
  std::string label;
  int level = 1;
  size_t index = 0;
};

struct Ast;

// What is applied to the results of a path step: a filter, or a numbering (`#$i`).
struct AstStage {
  bool is_index = false;
  Ast* filter = nullptr;
  std::string variable;
  size_t position = 0;
};

struct AstSortTerm {
  bool descending = false;
  Ast* expression = nullptr;
};

struct AstGroup {
  std::vector<std::pair<Ast*, Ast*>> pairs;
  size_t position = 0;
};

// One node; which members count depends on the type. Nodes are owned by an AstArena.
struct Ast {
  AstType type = AstType::kLiteral;
  size_t position = 0;
  std::string value;  // name, string, operator, literal word, pattern of a regex
  std::string flags;  // of a regex
  double number = 0;

  Ast* lhs = nullptr;       // left side; operand; procedure of a call; body of a lambda; condition;
                            // pattern of a transform
  Ast* rhs = nullptr;       // right side; then branch; update of a transform
  Ast* third = nullptr;     // else branch; delete of a transform
  std::vector<Ast*> items;  // items, arguments, parameters, expressions, steps
  std::vector<std::pair<Ast*, Ast*>> pairs;  // members of an object, before the passes of a group
  std::vector<AstSortTerm> terms;
  std::optional<std::string> signature;
  size_t signature_position = 0;

  std::vector<Ast*> predicates;
  std::optional<std::vector<AstStage>> stages;
  std::optional<AstGroup> group;
  std::optional<std::string> focus;
  std::optional<std::string> index;
  bool keep_array = false;
  bool keep_singleton_array = false;
  bool cons_array = false;
  bool tuple = false;
  bool tail_call = false;

  AncestorSlot* slot = nullptr;      // of a parent operator
  AncestorSlot* ancestor = nullptr;  // of a step that stores its context
  std::vector<AncestorSlot*> seeking_parent;
};

// The word errors use for a node.
std::string_view type_word(AstType type);

// Owns the nodes of one compilation.
struct AstArena {
  std::deque<Ast> nodes;
  std::deque<AncestorSlot> slots;

  Ast* make(AstType type, size_t position) {
    Ast& node = nodes.emplace_back();
    node.type = type;
    node.position = position;
    return &node;
  }
  // A copy that shares no node with `source`.
  Ast* clone(const Ast* source);
};

// Calls `visit(Ast*)` for every child of `node`, in the order of the text as far as the type knows
// it.
template <typename Visit>
void for_each_child(const Ast& node, Visit visit) {
  const auto maybe = [&](Ast* child) {
    if (child != nullptr) visit(child);
  };
  maybe(node.lhs);
  maybe(node.rhs);
  maybe(node.third);
  for (Ast* item : node.items) visit(item);
  for (const auto& [key, value] : node.pairs) {
    visit(key);
    visit(value);
  }
  for (const AstSortTerm& term : node.terms) visit(term.expression);
  for (Ast* predicate : node.predicates) visit(predicate);
  if (node.stages) {
    for (const AstStage& stage : *node.stages) maybe(stage.filter);
  }
  if (node.group) {
    for (const auto& [key, value] : node.group->pairs) {
      visit(key);
      visit(value);
    }
  }
}

}  // namespace weft::jsonata
