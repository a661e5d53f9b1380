#include "jsonata/processor.h"

#include "json/write.h"

namespace weft::jsonata {

namespace {

class Processor {
 public:
  Processor(AstArena& arena, SyntaxFailure& failure) : arena_(arena), failure_(failure) {}

  Ast* run(Ast* root) {
    Ast* result = process(root);
    if (failed()) return nullptr;
    if (result->type == AstType::kParent || !result->seeking_parent.empty()) {
      return fail("S0217", result->type == AstType::kParent ? 0 : result->position,
                  std::string(type_word(result->type)));
    }
    return result;
  }

 private:
  Ast* fail(const char* code, size_t position, std::string token = {}, std::string value = {}) {
    if (!failed()) failure_ = SyntaxFailure{code, position, std::move(token), std::move(value)};
    return nullptr;
  }
  bool failed() const { return static_cast<bool>(failure_); }

  Ast* process(Ast* node) {
    Ast* result = dispatch(node);
    if (result == nullptr || failed()) return nullptr;
    if (node->keep_array) result->keep_array = true;
    return result;
  }

  Ast* dispatch(Ast* node) {
    switch (node->type) {
      case AstType::kBinary:
        return binary(node);
      case AstType::kName: {
        Ast* path = arena_.make(AstType::kPath, 0);
        path->items.push_back(node);
        path->keep_singleton_array = node->keep_array;
        return path;
      }
      case AstType::kOperatorWord:
        node->type = AstType::kName;
        return dispatch(node);
      case AstType::kEnd:
        return fail("S0207", node->position, "(end)");
      case AstType::kParent:
        return parent(node);
      case AstType::kNegate:
        return negate(node);
      case AstType::kLambda:
        node->lhs = process(node->lhs);
        if (node->lhs != nullptr) mark_tail_calls(node->lhs);
        return node;
      case AstType::kTransform:
        node->lhs = process(node->lhs);
        if (!failed()) node->rhs = process(node->rhs);
        if (!failed() && node->third != nullptr) node->third = process(node->third);
        return node;
      case AstType::kBlock:
        return block(node);
      default:
        return generic(node);
    }
  }

  // Children in order, their pending parent references carried up.
  Ast* generic(Ast* node) {
    // A call's arguments come before its callee, and what the callee seeks is not carried up.
    const bool is_call = node->type == AstType::kCall || node->type == AstType::kPartial;
    if (is_call && !children(node, node->items)) return nullptr;
    for (Ast** child : {&node->lhs, &node->rhs, &node->third}) {
      if (*child == nullptr) continue;
      *child = process(*child);
      if (failed()) return nullptr;
      if (!is_call) carry_up(node, *child);
    }
    if (!is_call && !children(node, node->items)) return nullptr;
    for (auto& [key, value] : node->pairs) {
      key = process(key);
      if (failed()) return nullptr;
      carry_up(node, key);
      value = process(value);
      if (failed()) return nullptr;
      carry_up(node, value);
    }
    return node;
  }

  bool children(Ast* node, std::vector<Ast*>& items) {
    for (Ast*& item : items) {
      item = process(item);
      if (failed()) return false;
      carry_up(node, item);
    }
    return true;
  }

  Ast* block(Ast* node) {
    if (generic(node) == nullptr) return nullptr;
    for (const Ast* item : node->items) {
      if (item->cons_array || (item->type == AstType::kPath && item->items[0]->cons_array)) {
        node->cons_array = true;
      }
    }
    return node;
  }

  Ast* parent(Ast* node) {
    AncestorSlot& slot = arena_.slots.emplace_back();
    slot.label = "!" + std::to_string(parents_.size());
    slot.index = parents_.size();
    node->slot = &slot;
    parents_.push_back(node);
    return node;
  }

  Ast* negate(Ast* node) {
    node->lhs = process(node->lhs);
    if (failed()) return nullptr;
    if (node->lhs->type == AstType::kNumber && node->lhs->predicates.empty()) {
      node->lhs->number = -node->lhs->number;
      return node->lhs;
    }
    carry_up(node, node->lhs);
    return node;
  }

  Ast* binary(Ast* node) {
    const std::string& op = node->value;
    if (op == ".") return dot(node);
    if (op == "[") return filter(node);
    if (op == "{") return group(node);
    if (op == "^") return order_by(node);
    if (op == "@") return focus(node);
    if (op == "#") return index(node);
    if (op == ":=") {
      node->type = AstType::kBind;
      node->rhs = process(node->rhs);
      if (failed()) return nullptr;
      carry_up(node, node->rhs);
      return node;
    }
    if (op == "~>") {
      node->type = AstType::kApply;
      node->lhs = process(node->lhs);
      if (!failed()) node->rhs = process(node->rhs);
      if (failed()) return nullptr;
      node->keep_array = node->lhs->keep_array || node->rhs->keep_array;
      return node;
    }
    return generic(node);
  }

  static void predicates_to_stages(Ast* step) {
    if (step->predicates.empty()) return;
    step->stages.emplace();
    for (Ast* predicate : step->predicates) {
      step->stages->push_back(AstStage{false, predicate, {}, predicate->position});
    }
    step->predicates.clear();
  }

  Ast* dot(Ast* node) {
    Ast* left = process(node->lhs);
    if (failed()) return nullptr;
    Ast* path = left;
    if (left->type != AstType::kPath) {
      path = arena_.make(AstType::kPath, 0);
      path->items.push_back(left);
      if (left->type == AstType::kParent) path->seeking_parent.push_back(left->slot);
    }
    Ast* rest = process(node->rhs);
    if (failed()) return nullptr;
    if (rest->type == AstType::kPath) {
      path->items.insert(path->items.end(), rest->items.begin(), rest->items.end());
      // A group on the right path would be lost with its node.
      if (rest->group && !path->group) path->group = rest->group;
    } else {
      predicates_to_stages(rest);
      path->items.push_back(rest);
    }
    for (Ast* step : path->items) {
      if (step->type == AstType::kNumber || step->type == AstType::kLiteral) {
        std::string value = step->value;
        if (step->type == AstType::kNumber) {
          value.clear();
          json::write_number(step->number, value);
        }
        return fail("S0213", step->position, {}, value);
      }
      if (step->type == AstType::kString) step->type = AstType::kName;
      if (step->keep_array) path->keep_singleton_array = true;
    }
    Ast* first = path->items.front();
    Ast* last = path->items.back();
    if (first->type == AstType::kArray) first->cons_array = true;
    if (last->type == AstType::kArray) last->cons_array = true;
    return resolve_ancestry(path) ? path : nullptr;
  }

  Ast* filter(Ast* node) {
    Ast* result = process(node->lhs);
    if (failed()) return nullptr;
    Ast* step = result->type == AstType::kPath ? result->items.back() : result;
    if (step->group) return fail("S0209", node->position);
    Ast* predicate = process(node->rhs);
    if (failed()) return nullptr;
    if (!predicate->seeking_parent.empty()) {
      for (AncestorSlot* slot : predicate->seeking_parent) {
        if (slot->level == 1) {
          if (!seek_parent(step, slot)) return nullptr;
        } else {
          slot->level--;
        }
      }
      carry_up(step, predicate);
    }
    if (result->type == AstType::kPath) {
      if (!step->stages) step->stages.emplace();
      step->stages->push_back(AstStage{false, predicate, {}, node->position});
    } else {
      step->predicates.push_back(predicate);
    }
    return result;
  }

  Ast* group(Ast* node) {
    Ast* result = process(node->lhs);
    if (failed()) return nullptr;
    if (result->group) return fail("S0210", node->position);
    AstGroup made;
    made.position = node->position;
    for (const auto& [raw_key, raw_value] : node->pairs) {
      Ast* key = process(raw_key);
      if (failed()) return nullptr;
      Ast* value = process(raw_value);
      if (failed()) return nullptr;
      made.pairs.emplace_back(key, value);
    }
    result->group = std::move(made);
    return result;
  }

  Ast* order_by(Ast* node) {
    Ast* result = process(node->lhs);
    if (failed()) return nullptr;
    if (result->type != AstType::kPath) {
      Ast* path = arena_.make(AstType::kPath, 0);
      path->items.push_back(result);
      result = path;
    }
    Ast* sort = arena_.make(AstType::kSort, node->position);
    for (const AstSortTerm& term : node->terms) {
      Ast* expression = process(term.expression);
      if (failed()) return nullptr;
      carry_up(sort, expression);
      sort->terms.push_back(AstSortTerm{term.descending, expression});
    }
    result->items.push_back(sort);
    return resolve_ancestry(result) ? result : nullptr;
  }

  Ast* focus(Ast* node) {
    Ast* result = process(node->lhs);
    if (failed()) return nullptr;
    Ast* step = result->type == AstType::kPath ? result->items.back() : result;
    if (step->stages || !step->predicates.empty()) return fail("S0215", node->position);
    if (step->type == AstType::kSort) return fail("S0216", node->position);
    if (node->keep_array) step->keep_array = true;
    step->focus = node->rhs->value;
    step->tuple = true;
    return result;
  }

  Ast* index(Ast* node) {
    Ast* result = process(node->lhs);
    if (failed()) return nullptr;
    Ast* step = result;
    if (result->type == AstType::kPath) {
      step = result->items.back();
    } else {
      result = arena_.make(AstType::kPath, 0);
      result->items.push_back(step);
      predicates_to_stages(step);
    }
    if (!step->stages) {
      step->index = node->rhs->value;
    } else {
      step->stages->push_back(AstStage{true, nullptr, node->rhs->value, node->position});
    }
    step->tuple = true;
    return result;
  }

  // Calls in tail position of a lambda body are left to the caller's loop.
  static void mark_tail_calls(Ast* node) {
    if (!node->predicates.empty() || node->group || node->keep_array) return;
    if (node->type == AstType::kCall) {
      node->tail_call = true;
    } else if (node->type == AstType::kCondition) {
      mark_tail_calls(node->rhs);
      if (node->third != nullptr) mark_tail_calls(node->third);
    } else if (node->type == AstType::kBlock && !node->items.empty()) {
      mark_tail_calls(node->items.back());
    }
  }

  static void carry_up(Ast* node, Ast* child) {
    if (child->type == AstType::kParent) node->seeking_parent.push_back(child->slot);
    node->seeking_parent.insert(node->seeking_parent.end(), child->seeking_parent.begin(),
                                child->seeking_parent.end());
  }

  bool seek_parent(Ast* node, AncestorSlot* slot) {
    switch (node->type) {
      case AstType::kName:
      case AstType::kWildcard:
        slot->level--;
        if (slot->level == 0) {
          // A step read by several parent operators has one label.
          if (node->ancestor != nullptr) slot->label = node->ancestor->label;
          node->ancestor = slot;
          node->tuple = true;
        }
        return true;
      case AstType::kParent:
        slot->level++;
        return true;
      case AstType::kBlock:
        if (node->items.empty()) return true;
        node->tuple = true;
        return seek_parent(node->items.back(), slot);
      case AstType::kPath: {
        node->tuple = true;
        size_t index = node->items.size();
        if (!seek_parent(node->items[--index], slot)) return false;
        while (slot->level > 0 && index > 0) {
          if (!seek_parent(node->items[--index], slot)) return false;
        }
        return true;
      }
      default:
        fail("S0217", node->position, std::string(type_word(node->type)));
        return false;
    }
  }

  bool resolve_ancestry(Ast* path) {
    Ast* last = path->items.back();
    std::vector<AncestorSlot*> slots = last->seeking_parent;
    if (last->type == AstType::kParent) slots.push_back(last->slot);
    for (AncestorSlot* slot : slots) {
      auto index = static_cast<std::ptrdiff_t>(path->items.size()) - 2;
      while (slot->level > 0) {
        if (index < 0) {
          path->seeking_parent.push_back(slot);
          break;
        }
        Ast* step = path->items[static_cast<size_t>(index--)];
        // Adjacent steps that bind their items share one context.
        while (index >= 0 && step->focus && path->items[static_cast<size_t>(index)]->focus) {
          step = path->items[static_cast<size_t>(index--)];
        }
        if (!seek_parent(step, slot)) return false;
      }
    }
    return true;
  }

  AstArena& arena_;
  SyntaxFailure& failure_;
  std::vector<Ast*> parents_;
};

}  // namespace

Ast* process_tree(Ast* root, AstArena& arena, SyntaxFailure& failure) {
  return Processor(arena, failure).run(root);
}

}  // namespace weft::jsonata
