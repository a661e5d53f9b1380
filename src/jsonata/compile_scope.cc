#include "jsonata/compile_scope.h"

#include <algorithm>

namespace weft::jsonata {

void add_name(FrameLayout& layout, const std::string& name) {
  if (layout.slots.emplace(name, static_cast<uint32_t>(layout.names.size())).second)
    layout.names.push_back(name);
}

bool binds_tuples(const Ast& path) {
  return std::any_of(path.items.begin(), path.items.end(),
                     [](const Ast* step) { return step->tuple; });
}

void collect_bindings(const Ast& node, FrameLayout& layout) {
  if (node.type == AstType::kBind) add_name(layout, node.lhs->value);
  for_each_child(node, [&](Ast* child) {
    const bool own_scope = child->type == AstType::kBlock || child->type == AstType::kLambda ||
                           (child->type == AstType::kPath && binds_tuples(*child));
    if (!own_scope) {
      collect_bindings(*child, layout);
    } else {
      // Predicates and groups stand outside the scope of the node they follow.
      for (const Ast* predicate : child->predicates) collect_bindings(*predicate, layout);
      if (child->stages) {
        for (const AstStage& stage : *child->stages) {
          if (!stage.is_index) collect_bindings(*stage.filter, layout);
        }
      }
      if (child->group) {
        for (const auto& [key, value] : child->group->pairs) {
          collect_bindings(*key, layout);
          collect_bindings(*value, layout);
        }
      }
    }
  });
}

void collect_tuple_names(const Ast& path, FrameLayout& layout) {
  for (const Ast* step : path.items) {
    if (step->focus) add_name(layout, *step->focus);
    if (step->index) add_name(layout, *step->index);
    if (step->ancestor != nullptr) add_name(layout, step->ancestor->label);
    if (step->stages) {
      for (const AstStage& stage : *step->stages) {
        if (stage.is_index) add_name(layout, stage.variable);
      }
    }
    const Ast* inner = step;
    while (inner->type == AstType::kBlock && inner->tuple && !inner->items.empty())
      inner = inner->items.back();
    if (inner->type == AstType::kPath && inner->tuple) collect_tuple_names(*inner, layout);
  }
}

}  // namespace weft::jsonata
