#include "jsonata/ast.h"

namespace weft::jsonata {

Ast* AstArena::clone(const Ast* source) {
  if (source == nullptr) return nullptr;
  Ast* copy = &nodes.emplace_back(*source);
  copy->lhs = clone(source->lhs);
  copy->rhs = clone(source->rhs);
  copy->third = clone(source->third);
  for (Ast*& item : copy->items) item = clone(item);
  for (auto& [key, value] : copy->pairs) {
    key = clone(key);
    value = clone(value);
  }
  for (AstSortTerm& term : copy->terms) term.expression = clone(term.expression);
  return copy;
}

}  // namespace weft::jsonata
