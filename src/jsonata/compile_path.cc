#include "jsonata/compilation.h"

// Compiles paths and what may be a step of one.

namespace weft::jsonata {

SortNode* Compiler::sort(const Ast& ast, const Scope* scope) {
  auto* node = make<SortNode>(nullptr, ast);
  auto* terms = make_list<SortNode::Term>(ast.terms.size());
  for (size_t i = 0; i < ast.terms.size(); ++i) {
    terms[i].expression = compile(*ast.terms[i].expression, scope, false);
    if (terms[i].expression == nullptr) return nullptr;
    terms[i].descending = ast.terms[i].descending;
  }
  node->terms = terms;
  node->count = static_cast<uint32_t>(ast.terms.size());
  return node;
}

bool Compiler::is_plain_name(const Ast& step) {
  return step.type == AstType::kName && !step.stages && step.predicates.empty() && !step.group &&
         !step.tuple;
}

Node* Compiler::path(const Ast& ast, const Scope* outer, bool top) {
  const Ast& first = *ast.items[0];
  if (top && first.type == AstType::kName) note(facts_.top_level_names, first.value);
  if (top && first.type == AstType::kName) note(facts_.free_variables, "");
  if (Node* fast = names_path(ast, outer, top); fast != nullptr) return fast;
  auto* node = make<PathNode>(run_path, ast);
  const Scope* scope = outer;
  Scope inner{outer, nullptr};
  if (binds_tuples(ast)) {
    FrameLayout layout;
    collect_tuple_names(ast, layout);
    for (const Ast* step : ast.items) {
      Ast holder;
      holder.items.push_back(const_cast<Ast*>(step));
      collect_bindings(holder, layout);
    }
    node->layout = inner.layout = &program_.layouts.emplace_back(std::move(layout));
    scope = &inner;
  }
  auto* steps = make_list<Step>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    const std::string* member =
        i == 0 && ast.items.size() > 1 && ast.items[1]->type == AstType::kName
            ? &ast.items[1]->value
            : nullptr;
    if (!compile_step(*ast.items[i], scope, top && i == 0, member, steps[i])) return nullptr;
  }
  node->steps = steps;
  node->count = static_cast<uint32_t>(ast.items.size());
  node->starts_with_variable = first.type == AstType::kVariable;
  node->keep_singleton = ast.keep_singleton_array;
  node->hands_on_tuples = ast.tuple;
  if (ast.group) {
    node->group = compile_group(ast.group->pairs, ast.group->position, scope, false);
    if (node->group == nullptr) return nullptr;
  }
  return node;
}

Node* Compiler::names_path(const Ast& ast, const Scope* scope, bool top) {
  if (ast.group || ast.tuple) return nullptr;
  const Ast& first = *ast.items[0];
  const bool from_variable = first.type == AstType::kVariable && first.predicates.empty() &&
                             !first.stages && !first.group && !first.tuple && !first.keep_array &&
                             ast.items.size() > 1;
  for (size_t i = from_variable ? 1 : 0; i < ast.items.size(); ++i) {
    if (!is_plain_name(*ast.items[i])) return nullptr;
  }
  auto* node = make<NamesPathNode>(run_names_path, ast);
  const size_t skip = from_variable ? 1 : 0;
  if (from_variable) node->start = variable(first, first.value, scope, top, &ast.items[1]->value);
  const auto** names = program_.arena.allocate_array<const NameNode*>(ast.items.size() - skip);
  for (size_t i = skip; i < ast.items.size(); ++i) names[i - skip] = name(*ast.items[i]);
  node->names = names;
  node->count = static_cast<uint32_t>(ast.items.size() - skip);
  node->keep_singleton = ast.keep_singleton_array;
  return node;
}

uint32_t Compiler::slot_of(const Scope* scope, const std::string& name) {
  return scope->layout->slots.at(name);
}

bool Compiler::compile_step(const Ast& ast, const Scope* scope, bool top, const std::string* member,
                            Step& step) {
  step.tuple = ast.tuple;
  step.cons_array = ast.cons_array;
  if (ast.type == AstType::kSort) {
    step.sort = sort(ast, scope);
    if (step.sort == nullptr) return false;
  } else if (is_name_step(ast)) {
    step.node = step.name = name(ast);
  } else if (ast.type == AstType::kVariable && ast.predicates.empty() && !ast.group) {
    step.node = variable(ast, ast.value, scope, top, member);
  } else {
    step.node = compile(ast, scope, top);
  }
  if (step.sort == nullptr && step.node == nullptr) return false;
  if (ast.focus) step.focus_slot = slot_of(scope, *ast.focus);
  if (ast.index) step.index_slot = slot_of(scope, *ast.index);
  if (ast.ancestor != nullptr) step.ancestor_slot = slot_of(scope, ast.ancestor->label);
  if (!ast.stages) return true;
  auto* stages = make_list<Stage>(ast.stages->size());
  for (size_t i = 0; i < ast.stages->size(); ++i) {
    const AstStage& stage = (*ast.stages)[i];
    stages[i].is_index = stage.is_index;
    if (stage.is_index) {
      stages[i].slot = slot_of(scope, stage.variable);
    } else if (!compile_filter(*stage.filter, scope, stages[i].filter)) {
      return false;
    }
  }
  step.stages = stages;
  step.stage_count = static_cast<uint32_t>(ast.stages->size());
  return true;
}

bool Compiler::is_name_step(const Ast& ast) {
  return ast.type == AstType::kName && ast.predicates.empty() && !ast.group;
}

}  // namespace weft::jsonata
