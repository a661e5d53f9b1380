#include "jsonata/compilation.h"
#include "jsonata/library.h"
#include "jsonata/signature.h"

// Compiles functions and their calls.

namespace weft::jsonata {

Node* Compiler::lambda(const Ast& ast, const Scope* outer, bool top) {
  auto* node = make<LambdaNode>(run_lambda, ast);
  FrameLayout& layout = program_.layouts.emplace_back();
  auto* slots = make_list<uint32_t>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    add_name(layout, ast.items[i]->value);
    slots[i] = layout.slots.at(ast.items[i]->value);
  }
  Ast body_holder;
  body_holder.items.push_back(ast.lhs);
  collect_bindings(body_holder, layout);
  node->layout = &layout;
  node->parameter_count = static_cast<uint32_t>(ast.items.size());
  node->parameter_slots = slots;
  if (ast.signature) {
    const char* code = nullptr;
    size_t offset = 0;
    auto signature = Signature::parse(*ast.signature, code, offset);
    if (signature == nullptr) return fail(code, ast.signature_position + offset);
    node->signature = signature.get();
    program_.signatures.push_back(std::move(signature));
  }
  const Scope scope{outer, &layout};
  node->body = compile(*ast.lhs, &scope, top);
  return node->body == nullptr ? nullptr : node;
}

bool Compiler::callee(const Ast& ast, const Scope* scope, bool top, CallNode& node) {
  const Ast& target = *ast.lhs;
  // A plain name as callee is no function; the reference asks whether the $ was forgotten.
  const bool plain_name = target.type == AstType::kPath && !target.items.empty();
  node.procedure = compile(target, scope, top);
  if (node.procedure == nullptr) return false;
  const std::string& shown = plain_name ? target.items[0]->value : target.value;
  // Only nodes the reference gives a value to have a name to show.
  const bool nameless = target.type == AstType::kLambda || target.type == AstType::kParent ||
                        target.type == AstType::kBlock || target.type == AstType::kCondition ||
                        target.type == AstType::kTransform || target.type == AstType::kRegex;
  if (!nameless) node.token = keep(shown);
  node.callee_is_variable = target.type == AstType::kVariable;
  if (plain_name && find_library_function(shown, program_.dialect) != nullptr)
    node.suggestion = node.token;
  if (target.type != AstType::kVariable || target.value.empty() || !target.predicates.empty())
    return true;
  const auto* variable = static_cast<const VariableNode*>(node.procedure);
  if (variable->candidate_count == 0) {
    node.library = variable;
    node.native = find_library_function(target.value, program_.dialect);
  }
  return true;
}

Node* Compiler::call(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<CallNode>(ast.tail_call ? run_tail_call : run_call, ast);
  if (!callee(ast, scope, top, *node)) return nullptr;
  const auto** arguments = program_.arena.allocate_array<const Node*>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    arguments[i] = compile(*ast.items[i], scope, top);
    if (arguments[i] == nullptr) return nullptr;
  }
  node->arguments = arguments;
  node->count = static_cast<uint32_t>(ast.items.size());
  return node;
}

Node* Compiler::partial(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<PartialNode>(run_partial, ast);
  if (!callee(ast, scope, top, *node)) return nullptr;
  const auto** arguments = program_.arena.allocate_array<const Node*>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    arguments[i] = nullptr;
    if (ast.items[i]->type == AstType::kPlaceholder) continue;
    arguments[i] = compile(*ast.items[i], scope, top);
    if (arguments[i] == nullptr) return nullptr;
  }
  node->arguments = arguments;
  node->count = static_cast<uint32_t>(ast.items.size());
  return node;
}

Node* Compiler::application(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<ApplyNode>(run_apply, ast);
  node->left = compile(*ast.lhs, scope, top);
  if (node->left == nullptr) return nullptr;
  if (ast.rhs->type == AstType::kCall) {
    node->call = static_cast<const CallNode*>(call(*ast.rhs, scope, top));
    return node->call == nullptr ? nullptr : node;
  }
  node->right = compile(*ast.rhs, scope, top);
  return node->right == nullptr ? nullptr : node;
}

Node* Compiler::transform(const Ast& ast, const Scope* scope) {
  auto* node = make<TransformNode>(run_transform, ast);
  node->pattern = compile(*ast.lhs, scope, false);
  if (node->pattern == nullptr) return nullptr;
  node->update = compile(*ast.rhs, scope, false);
  if (node->update == nullptr) return nullptr;
  if (ast.third != nullptr) {
    node->removal = compile(*ast.third, scope, false);
    if (node->removal == nullptr) return nullptr;
  }
  node->clone = resolve(ast, "clone", scope, nullptr);
  return node;
}

}  // namespace weft::jsonata
