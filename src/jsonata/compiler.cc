#include "jsonata/compiler.h"

#include <algorithm>
#include <cmath>

#include "jsonata/library.h"
#include "jsonata/nodes.h"
#include "jsonata/parser.h"
#include "jsonata/processor.h"
#include "jsonata/regex.h"
#include "jsonata/signature.h"

namespace weft::jsonata {

uint32_t Program::global_slot(std::string_view name) {
  for (size_t i = 0; i < globals.size(); ++i) {
    if (globals[i].name == name) return global_base + static_cast<uint32_t>(i);
  }
  Global global;
  global.name = name;
  const NativeFunction* native = find_library_function(name, dialect);
  global.initial =
      native == nullptr ? Value::unset() : Value::function(static_cast<const Function*>(native));
  globals.push_back(std::move(global));
  return global_base + static_cast<uint32_t>(globals.size() - 1);
}

namespace {

// A scope while compiling: its frame's names and the scope around it.
struct Scope {
  const Scope* parent;
  const FrameLayout* layout;
};

void add_name(FrameLayout& layout, const std::string& name) {
  if (std::find(layout.names.begin(), layout.names.end(), name) == layout.names.end())
    layout.names.push_back(name);
}

bool binds_tuples(const Ast& path) {
  return std::any_of(path.items.begin(), path.items.end(),
                     [](const Ast* step) { return step->tuple; });
}

// Names bound by := directly in the scope of `node`, not in a scope inside it.
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

// The names a path's tuples carry: focus and index variables, labels of parents, and those of
// streams handed on from inside.
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

class Compiler {
 public:
  Compiler(Program& program, CompileFacts& facts, SyntaxFailure& failure)
      : program_(program), facts_(facts), failure_(failure) {}

  // `around`: the scopes of a running evaluation, for $eval.
  Node* run(const Ast& root, const Scope* around) {
    FrameLayout& layout = program_.layouts.emplace_back();
    collect_bindings(root, layout);
    program_.layout = &layout;
    const Scope scope{around, &layout};
    return compile(root, &scope, true);
  }

 private:
  template <typename T>
  T* make(Node::Run run, const Ast& ast) {
    T* node = new (program_.arena.allocate(sizeof(T))) T;
    node->run = run;
    node->position = ast.position;
    node->keep_array = ast.keep_array;
    return node;
  }
  template <typename T>
  T* make_list(size_t count) {
    T* items = program_.arena.allocate_array<T>(count);
    for (size_t i = 0; i < count; ++i) new (items + i) T();
    return items;
  }
  std::string_view keep(std::string_view text) { return program_.arena.copy(text); }
  Node* fail(const char* code, size_t position, std::string value = {}) {
    if (!failure_) failure_ = SyntaxFailure{code, position, {}, std::move(value)};
    return nullptr;
  }

  // A node with the predicates and the group of its syntax applied. `top`: the context is the whole
  // expression's.
  Node* compile(const Ast& ast, const Scope* scope, bool top) {
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

  bool compile_filter(const Ast& ast, const Scope* scope, Filter& filter) {
    if (ast.type == AstType::kNumber && ast.predicates.empty()) {
      filter.index = static_cast<int64_t>(std::floor(std::clamp(ast.number, -9e15, 9e15)));
      return true;
    }
    filter.expression = compile(ast, scope, false);
    return filter.expression != nullptr;
  }

  Node* compile_bare(const Ast& ast, const Scope* scope, bool top) {
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

  Node* literal(const Ast& ast, Value value) {
    auto* node = make<LiteralNode>(run_literal, ast);
    node->value = value;
    return node;
  }

  NameNode* name(const Ast& ast) {
    auto* node = make<NameNode>(run_name, ast);
    const std::string_view text = keep(ast.value);
    node->key = json::Key{text.data(), static_cast<uint32_t>(text.size()), json::hash_key(text)};
    node->site = program_.site_base + program_.site_count++;
    return node;
  }

  static void note(std::vector<std::string>& names, std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }

  // `member`: the name looked up in the variable at once, when there is one.
  Node* variable(const Ast& ast, const std::string& name, const Scope* scope, bool top,
                 const std::string* member) {
    if (name.empty()) {
      if (top) note(facts_.free_variables, "");
      return make<Node>(run_context_variable, ast);
    }
    return resolve(ast, name, scope, member);
  }

  VariableNode* resolve(const Ast& ast, const std::string& name, const Scope* scope,
                        const std::string* member) {
    auto* node = make<VariableNode>(run_variable, ast);
    node->name = keep(name);
    std::vector<VariableSlot> found;
    uint32_t hops = 0;
    for (const Scope* at = scope; at != nullptr; at = at->parent, ++hops) {
      const auto& names = at->layout->names;
      const auto where = std::find(names.begin(), names.end(), name);
      if (where != names.end())
        found.push_back({hops, static_cast<uint32_t>(where - names.begin())});
    }
    auto* candidates = make_list<VariableSlot>(found.size());
    std::copy(found.begin(), found.end(), candidates);
    node->candidates = candidates;
    node->candidate_count = static_cast<uint32_t>(found.size());
    node->global = program_.global_slot(name);
    if (found.empty() && name[0] != '!') note_global(name, member);
    return node;
  }

  void note_global(const std::string& name, const std::string* member) {
    if (find_library_function(name, program_.dialect) == nullptr) note(facts_.free_variables, name);
    if (name != "states") return;
    if (member == nullptr) {
      facts_.reads_all_states = true;
    } else {
      note(facts_.states_members, *member);
    }
  }

  Node* regex(const Ast& ast) {
    std::string message;
    auto compiled = Regex::compile(ast.value, ast.flags, message);
    if (compiled == nullptr) return fail("S0303", ast.position, message);
    auto* node = make<RegexNode>(run_regex, ast);
    node->regex = compiled.get();
    program_.regexes.push_back(std::move(compiled));
    return node;
  }

  Node* unary(const Ast& ast, const Scope* scope, bool top) {
    auto* node = make<UnaryNode>(run_negate, ast);
    node->operand = compile(*ast.lhs, scope, top);
    return node->operand == nullptr ? nullptr : node;
  }

  static Node::Run binary_run(std::string_view op) {
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

  Node* binary(const Ast& ast, const Scope* scope, bool top) {
    const Node::Run run = binary_run(ast.value);
    if (run == nullptr) return fail("S0206", ast.position);
    auto* node = make<BinaryNode>(run, ast);
    node->token = keep(ast.value);
    node->left = compile(*ast.lhs, scope, top);
    if (node->left == nullptr) return nullptr;
    node->right = compile(*ast.rhs, scope, top);
    return node->right == nullptr ? nullptr : node;
  }

  Node* array(const Ast& ast, const Scope* scope, bool top) {
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

  GroupNode* compile_group(const std::vector<std::pair<Ast*, Ast*>>& pairs, size_t position,
                           const Scope* scope, bool top, const Ast* ast = nullptr) {
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

  const json::Shape* constant_shape(const std::vector<std::pair<Ast*, Ast*>>& pairs) {
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

  Node* condition(const Ast& ast, const Scope* scope, bool top) {
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

  Node* block(const Ast& ast, const Scope* outer, bool top) {
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

  Node* bind(const Ast& ast, const Scope* scope, bool top) {
    auto* node = make<BindNode>(run_bind, ast);
    node->value = compile(*ast.rhs, scope, top);
    if (node->value == nullptr) return nullptr;
    // The innermost scope that lists the name is the one the binding was collected for.
    for (const Scope* at = scope; at != nullptr; at = at->parent, ++node->hops) {
      const auto& names = at->layout->names;
      const auto where = std::find(names.begin(), names.end(), ast.lhs->value);
      if (where == names.end()) continue;
      node->slot = static_cast<uint32_t>(where - names.begin());
      return node;
    }
    return fail("S0212", ast.position);
  }

  Node* lambda(const Ast& ast, const Scope* outer, bool top) {
    auto* node = make<LambdaNode>(run_lambda, ast);
    FrameLayout& layout = program_.layouts.emplace_back();
    auto* slots = make_list<uint32_t>(ast.items.size());
    for (size_t i = 0; i < ast.items.size(); ++i) {
      add_name(layout, ast.items[i]->value);
      slots[i] = static_cast<uint32_t>(
          std::find(layout.names.begin(), layout.names.end(), ast.items[i]->value) -
          layout.names.begin());
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

  // The callee of a call or partial application, and what errors say about it.
  bool callee(const Ast& ast, const Scope* scope, bool top, CallNode& node) {
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

  Node* call(const Ast& ast, const Scope* scope, bool top) {
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

  Node* partial(const Ast& ast, const Scope* scope, bool top) {
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

  Node* application(const Ast& ast, const Scope* scope, bool top) {
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

  Node* transform(const Ast& ast, const Scope* scope) {
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

  SortNode* sort(const Ast& ast, const Scope* scope) {
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

  static bool is_plain_name(const Ast& step) {
    return step.type == AstType::kName && !step.stages && step.predicates.empty() && !step.group &&
           !step.tuple;
  }

  Node* path(const Ast& ast, const Scope* outer, bool top) {
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

  // A path of plain names, perhaps after a variable; nullptr when it is another kind.
  Node* names_path(const Ast& ast, const Scope* scope, bool top) {
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

  uint32_t slot_of(const Scope* scope, const std::string& name) {
    const auto& names = scope->layout->names;
    return static_cast<uint32_t>(std::find(names.begin(), names.end(), name) - names.begin());
  }

  bool compile_step(const Ast& ast, const Scope* scope, bool top, const std::string* member,
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

  static bool is_name_step(const Ast& ast) {
    return ast.type == AstType::kName && ast.predicates.empty() && !ast.group;
  }

  Program& program_;
  CompileFacts& facts_;
  SyntaxFailure& failure_;
};

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
