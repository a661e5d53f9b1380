#include "jsonata/compiler.h"

#include <algorithm>
#include <cmath>

#include "jsonata/compilation.h"
#include "jsonata/library.h"
#include "jsonata/parser.h"
#include "jsonata/processor.h"
#include "jsonata/regex.h"

namespace weft::jsonata {

uint32_t Program::global_slot(std::string_view name) {
  const auto slot = static_cast<uint32_t>(globals.size());
  const auto [known, added] = global_indices.emplace(name, slot);
  if (!added) return global_base + known->second;
  Global global;
  global.name = name;
  const NativeFunction* native = find_library_function(name, dialect);
  global.initial =
      native == nullptr ? Value::unset() : Value::function(static_cast<const Function*>(native));
  globals.push_back(std::move(global));
  return global_base + slot;
}

Node* Compiler::run(const Ast& root, const Scope* around) {
  FrameLayout& layout = program_.layouts.emplace_back();
  collect_bindings(root, layout);
  program_.layout = &layout;
  const Scope scope{around, &layout};
  return compile(root, &scope, true);
}

std::string_view Compiler::keep(std::string_view text) { return program_.arena.copy(text); }

Node* Compiler::fail(const char* code, size_t position, std::string value) {
  if (!failure_) failure_ = SyntaxFailure{code, position, {}, std::move(value)};
  return nullptr;
}

Node* Compiler::compile(const Ast& ast, const Scope* scope, bool top) {
  Node* node = compile_bare(ast, scope, top);
  if (node == nullptr || ast.type == AstType::kPath) return node;
  if (ast.predicates.empty() && !ast.group) return node;
  auto* filtered = make<FilteredNode>(run_filtered, ast);
  filtered->inner = node;
  auto* filters = make_list<Filter>(ast.predicates.size());
  for (size_t i = 0; i < ast.predicates.size(); ++i) {
    if (!compile_filter(*ast.predicates[i], scope, filters[i])) return nullptr;
  }
  filtered->filters = filters;
  filtered->filter_count = static_cast<uint32_t>(ast.predicates.size());
  if (ast.group) {
    filtered->group = compile_group(ast.group->pairs, ast.group->position, scope, false);
    if (filtered->group == nullptr) return nullptr;
  }
  // The singleton rule comes after the filters, not before.
  node->raw = true;
  return filtered;
}

bool Compiler::compile_filter(const Ast& ast, const Scope* scope, Filter& filter) {
  if (ast.type == AstType::kNumber && ast.predicates.empty()) {
    filter.index = static_cast<int64_t>(std::floor(std::clamp(ast.number, -9e15, 9e15)));
    return true;
  }
  filter.expression = compile(ast, scope, false);
  return filter.expression != nullptr;
}

Node* Compiler::compile_bare(const Ast& ast, const Scope* scope, bool top) {
  switch (ast.type) {
    case AstType::kString:
      return literal(ast, Value::string_ref(keep(ast.value)));
    case AstType::kNumber:
      return literal(ast, Value::number(ast.number));
    case AstType::kLiteral:
      return literal(ast,
                     ast.value == "null" ? Value::null() : Value::boolean(ast.value == "true"));
    case AstType::kName:
      return name(ast);
    case AstType::kVariable:
      return variable(ast, ast.value, scope, top, nullptr);
    case AstType::kParent:
      return variable(ast, ast.slot->label, scope, top, nullptr);
    case AstType::kWildcard:
      if (top) note(facts_.free_variables, "");
      return make<Node>(run_wildcard, ast);
    case AstType::kDescendant:
      if (top) note(facts_.free_variables, "");
      return make<Node>(run_descendant, ast);
    case AstType::kRegex:
      return regex(ast);
    case AstType::kPath:
      return path(ast, scope, top);
    case AstType::kBinary:
    case AstType::kRange:
      return binary(ast, scope, top);
    case AstType::kNegate:
      return unary(ast, scope, top);
    case AstType::kArray:
      return array(ast, scope, top);
    case AstType::kObject:
      return compile_group(ast.pairs, ast.position, scope, top, &ast);
    case AstType::kCall:
      return call(ast, scope, top);
    case AstType::kPartial:
      return partial(ast, scope, top);
    case AstType::kLambda:
      return lambda(ast, scope, top);
    case AstType::kCondition:
      return condition(ast, scope, top);
    case AstType::kBlock:
      return block(ast, scope, top);
    case AstType::kBind:
      return bind(ast, scope, top);
    case AstType::kApply:
      return application(ast, scope, top);
    case AstType::kTransform:
      return transform(ast, scope);
    case AstType::kSort:
      return sort(ast, scope);
    default:
      return fail("S0206", ast.position);
  }
}

Node* Compiler::literal(const Ast& ast, Value value) {
  auto* node = make<LiteralNode>(run_literal, ast);
  node->value = value;
  return node;
}

NameNode* Compiler::name(const Ast& ast) {
  auto* node = make<NameNode>(run_name, ast);
  const std::string_view text = keep(ast.value);
  node->key = json::Key{text.data(), static_cast<uint32_t>(text.size()), json::hash_key(text)};
  node->site = program_.site_base + program_.site_count++;
  return node;
}

void Compiler::note(std::vector<std::string>& names, std::string_view name) {
  if (noted_[&names].emplace(name).second) names.emplace_back(name);
}

Node* Compiler::variable(const Ast& ast, const std::string& name, const Scope* scope, bool top,
                         const std::string* member) {
  if (name.empty()) {
    if (top) note(facts_.free_variables, "");
    return make<Node>(run_context_variable, ast);
  }
  return resolve(ast, name, scope, member);
}

VariableNode* Compiler::resolve(const Ast& ast, const std::string& name, const Scope* scope,
                                const std::string* member) {
  auto* node = make<VariableNode>(run_variable, ast);
  node->name = keep(name);
  std::vector<VariableSlot> found;
  uint32_t hops = 0;
  for (const Scope* at = scope; at != nullptr; at = at->parent, ++hops) {
    const auto where = at->layout->slots.find(name);
    if (where != at->layout->slots.end()) found.push_back({hops, where->second});
  }
  auto* candidates = make_list<VariableSlot>(found.size());
  std::copy(found.begin(), found.end(), candidates);
  node->candidates = candidates;
  node->candidate_count = static_cast<uint32_t>(found.size());
  node->global = program_.global_slot(name);
  if (found.empty() && name[0] != '!') note_global(name, member);
  return node;
}

void Compiler::note_global(const std::string& name, const std::string* member) {
  if (find_library_function(name, program_.dialect) == nullptr) note(facts_.free_variables, name);
  if (name != "states") return;
  if (member == nullptr) {
    facts_.reads_all_states = true;
  } else {
    note(facts_.states_members, *member);
  }
}

Node* Compiler::regex(const Ast& ast) {
  std::string message;
  auto compiled = Regex::compile(ast.value, ast.flags, message);
  if (compiled == nullptr) return fail("S0303", ast.position, message);
  auto* node = make<RegexNode>(run_regex, ast);
  node->regex = compiled.get();
  program_.regexes.push_back(std::move(compiled));
  return node;
}

Node* Compiler::unary(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<UnaryNode>(run_negate, ast);
  node->operand = compile(*ast.lhs, scope, top);
  return node->operand == nullptr ? nullptr : node;
}

Node::Run Compiler::binary_run(std::string_view op) {
  static constexpr std::pair<std::string_view, Node::Run> kOperators[] = {
      {"+", run_add},         {"-", run_subtract}, {"*", run_multiply},       {"/", run_divide},
      {"%", run_modulo},      {"=", run_equal},    {"!=", run_not_equal},     {"<", run_less},
      {"<=", run_less_equal}, {">", run_greater},  {">=", run_greater_equal}, {"in", run_in},
      {"and", run_and},       {"or", run_or},      {"&", run_concatenate},    {"..", run_range}};
  for (const auto& [text, run] : kOperators) {
    if (text == op) return run;
  }
  return nullptr;
}

Node* Compiler::binary(const Ast& ast, const Scope* scope, bool top) {
  const Node::Run run = binary_run(ast.value);
  if (run == nullptr) return fail("S0206", ast.position);
  auto* node = make<BinaryNode>(run, ast);
  node->token = keep(ast.value);
  node->left = compile(*ast.lhs, scope, top);
  if (node->left == nullptr) return nullptr;
  node->right = compile(*ast.rhs, scope, top);
  return node->right == nullptr ? nullptr : node;
}

Node* Compiler::array(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<ArrayNode>(run_array, ast);
  auto* items = make_list<ArrayNode::Item>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    items[i].node = compile(*ast.items[i], scope, top);
    if (items[i].node == nullptr) return nullptr;
    items[i].is_array = ast.items[i]->type == AstType::kArray;
  }
  node->items = items;
  node->count = static_cast<uint32_t>(ast.items.size());
  node->cons_array = ast.cons_array;
  return node;
}

GroupNode* Compiler::compile_group(const std::vector<std::pair<Ast*, Ast*>>& pairs, size_t position,
                                   const Scope* scope, bool top, const Ast* ast) {
  Ast place;
  place.position = position;
  auto* node = make<GroupNode>(run_object, ast == nullptr ? place : *ast);
  auto* made = make_list<GroupNode::Pair>(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    made[i].key = compile(*pairs[i].first, scope, top);
    if (made[i].key == nullptr) return nullptr;
    made[i].value = compile(*pairs[i].second, scope, top);
    if (made[i].value == nullptr) return nullptr;
  }
  node->pairs = made;
  node->count = static_cast<uint32_t>(pairs.size());
  node->constant_shape = constant_shape(pairs);
  return node;
}

const json::Shape* Compiler::constant_shape(const std::vector<std::pair<Ast*, Ast*>>& pairs) {
  auto* keys = make_list<json::Key>(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    const Ast& key = *pairs[i].first;
    const bool plain = key.type == AstType::kString && key.predicates.empty() && !key.group;
    if (!plain || key.value.starts_with("_jsonata_") || json::is_array_index(key.value))
      return nullptr;
    const std::string_view text = keep(key.value);
    keys[i] = json::Key{text.data(), static_cast<uint32_t>(text.size()), json::hash_key(text)};
    for (size_t j = 0; j < i; ++j) {
      if (keys[j].view() == text) return nullptr;
    }
  }
  if (pairs.empty()) return json::Shape::empty();
  return json::Shape::make(keys, static_cast<uint32_t>(pairs.size()), program_.arena);
}

Node* Compiler::condition(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<ConditionNode>(run_condition, ast);
  node->condition = compile(*ast.lhs, scope, top);
  if (node->condition == nullptr) return nullptr;
  node->then = compile(*ast.rhs, scope, top);
  if (node->then == nullptr) return nullptr;
  if (ast.third != nullptr) {
    node->otherwise = compile(*ast.third, scope, top);
    if (node->otherwise == nullptr) return nullptr;
  }
  return node;
}

Node* Compiler::block(const Ast& ast, const Scope* outer, bool top) {
  auto* node = make<BlockNode>(run_block, ast);
  FrameLayout layout;
  for (const Ast* item : ast.items) {
    if (item->type == AstType::kBind) add_name(layout, item->lhs->value);
    const bool own_scope = item->type == AstType::kBlock || item->type == AstType::kLambda ||
                           (item->type == AstType::kPath && binds_tuples(*item));
    if (!own_scope) collect_bindings(*item, layout);
  }
  const Scope* scope = outer;
  Scope inner{outer, nullptr};
  if (!layout.names.empty()) {
    node->layout = inner.layout = &program_.layouts.emplace_back(std::move(layout));
    scope = &inner;
  }
  const auto** items = program_.arena.allocate_array<const Node*>(ast.items.size());
  for (size_t i = 0; i < ast.items.size(); ++i) {
    items[i] = compile(*ast.items[i], scope, top);
    if (items[i] == nullptr) return nullptr;
  }
  node->items = items;
  node->count = static_cast<uint32_t>(ast.items.size());
  return node;
}

Node* Compiler::bind(const Ast& ast, const Scope* scope, bool top) {
  auto* node = make<BindNode>(run_bind, ast);
  node->value = compile(*ast.rhs, scope, top);
  if (node->value == nullptr) return nullptr;
  // The innermost scope that lists the name is the one the binding was collected for.
  for (const Scope* at = scope; at != nullptr; at = at->parent, ++node->hops) {
    const auto where = at->layout->slots.find(ast.lhs->value);
    if (where == at->layout->slots.end()) continue;
    node->slot = where->second;
    return node;
  }
  return fail("S0212", ast.position);
}

namespace {

std::shared_ptr<const Program> compile_text(std::string_view text, Dialect dialect,
                                            CompileFacts& facts, SyntaxFailure& failure,
                                            Context* context, const Scope* around) {
  AstArena nodes;
  Ast* tree = parse_expression(text, dialect, nodes, failure);
  if (tree != nullptr) tree = process_tree(tree, nodes, failure);
  if (tree == nullptr) return nullptr;
  auto program = std::make_shared<Program>();
  program->dialect = dialect;
  if (context != nullptr) {
    program->global_base = context->global_count;
    program->site_base = context->site_count;
  }
  Compiler compiler(*program, facts, failure);
  program->root = compiler.run(*tree, around);
  return program->root == nullptr ? nullptr : program;
}

}  // namespace

std::shared_ptr<const Program> compile_program(std::string_view text, Dialect dialect,
                                               CompileFacts& facts, SyntaxFailure& failure) {
  return compile_text(text, dialect, facts, failure, nullptr, nullptr);
}

std::shared_ptr<const Program> compile_inside(std::string_view text, Context& context, Frame* frame,
                                              SyntaxFailure& failure) {
  std::vector<Scope> scopes;
  for (const Frame* at = frame; at != nullptr; at = at->parent)
    scopes.push_back(Scope{nullptr, at->layout});
  for (size_t i = 0; i + 1 < scopes.size(); ++i) scopes[i].parent = &scopes[i + 1];
  CompileFacts facts;
  return compile_text(text, context.dialect, facts, failure, &context,
                      scopes.empty() ? nullptr : &scopes[0]);
}

}  // namespace weft::jsonata
