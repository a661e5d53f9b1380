#include "jsonata/ast.h"

namespace weft::jsonata {

std::string_view type_word(AstType type) {
  switch (type) {
    case AstType::kName:
      return "name";
    case AstType::kString:
      return "string";
    case AstType::kNumber:
      return "number";
    case AstType::kLiteral:
      return "value";
    case AstType::kVariable:
      return "variable";
    case AstType::kWildcard:
      return "wildcard";
    case AstType::kDescendant:
      return "descendant";
    case AstType::kParent:
      return "parent";
    case AstType::kRegex:
      return "regex";
    case AstType::kPath:
      return "path";
    case AstType::kBinary:
      return "binary";
    case AstType::kRange:
      return "binary";
    case AstType::kNegate:
      return "unary";
    case AstType::kArray:
      return "unary";
    case AstType::kObject:
      return "unary";
    case AstType::kCall:
      return "function";
    case AstType::kPartial:
      return "partial";
    case AstType::kPlaceholder:
      return "operator";
    case AstType::kLambda:
      return "lambda";
    case AstType::kCondition:
      return "condition";
    case AstType::kBlock:
      return "block";
    case AstType::kBind:
      return "bind";
    case AstType::kApply:
      return "apply";
    case AstType::kTransform:
      return "transform";
    case AstType::kSort:
      return "sort";
    case AstType::kOperatorWord:
      return "operator";
    case AstType::kEnd:
      return "(end)";
  }
  return {};
}

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
