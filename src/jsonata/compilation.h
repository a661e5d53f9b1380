#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "jsonata/compile_scope.h"
#include "jsonata/compiler.h"
#include "jsonata/nodes.h"

namespace weft::jsonata {

// One compilation: a processed syntax tree becomes nodes in the program's arena, in one pass from
// the root. Its methods are in compiler.cc (values, variables, operators), compile_call.cc
// (functions and their calls) and compile_path.cc (paths and sorting); each returns nullptr, or
// false, once `failure` is set. Of one thread; the arguments outlive it.
class Compiler {
 public:
  Compiler(Program& program, CompileFacts& facts, SyntaxFailure& failure)
      : program_(program), facts_(facts), failure_(failure) {}

  // `around`: the scopes of a running evaluation, for $eval.
  Node* run(const Ast& root, const Scope* around);

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

  std::string_view keep(std::string_view text);

  Node* fail(const char* code, size_t position, std::string value = {});

  // A node with the predicates and the group of its syntax applied. `top`: the context is the whole
  // expression's.
  Node* compile(const Ast& ast, const Scope* scope, bool top);

  bool compile_filter(const Ast& ast, const Scope* scope, Filter& filter);

  Node* compile_bare(const Ast& ast, const Scope* scope, bool top);

  Node* literal(const Ast& ast, Value value);

  NameNode* name(const Ast& ast);

  // Adds a name to a list of `facts_`, once.
  void note(std::vector<std::string>& names, std::string_view name);

  // `member`: the name looked up in the variable at once, when there is one.
  Node* variable(const Ast& ast, const std::string& name, const Scope* scope, bool top,
                 const std::string* member);

  VariableNode* resolve(const Ast& ast, const std::string& name, const Scope* scope,
                        const std::string* member);

  void note_global(const std::string& name, const std::string* member);

  Node* regex(const Ast& ast);

  Node* unary(const Ast& ast, const Scope* scope, bool top);

  static Node::Run binary_run(std::string_view op);

  Node* binary(const Ast& ast, const Scope* scope, bool top);

  Node* array(const Ast& ast, const Scope* scope, bool top);

  GroupNode* compile_group(const std::vector<std::pair<Ast*, Ast*>>& pairs, size_t position,
                           const Scope* scope, bool top, const Ast* ast = nullptr);

  const json::Shape* constant_shape(const std::vector<std::pair<Ast*, Ast*>>& pairs);

  Node* condition(const Ast& ast, const Scope* scope, bool top);

  Node* block(const Ast& ast, const Scope* outer, bool top);

  Node* bind(const Ast& ast, const Scope* scope, bool top);

  Node* lambda(const Ast& ast, const Scope* outer, bool top);

  // The callee of a call or partial application, and what errors say about it.
  bool callee(const Ast& ast, const Scope* scope, bool top, CallNode& node);

  Node* call(const Ast& ast, const Scope* scope, bool top);

  Node* partial(const Ast& ast, const Scope* scope, bool top);

  Node* application(const Ast& ast, const Scope* scope, bool top);

  Node* transform(const Ast& ast, const Scope* scope);

  SortNode* sort(const Ast& ast, const Scope* scope);

  static bool is_plain_name(const Ast& step);

  Node* path(const Ast& ast, const Scope* outer, bool top);

  // A path of plain names, perhaps after a variable; nullptr when it is another kind.
  Node* names_path(const Ast& ast, const Scope* scope, bool top);

  uint32_t slot_of(const Scope* scope, const std::string& name);

  bool compile_step(const Ast& ast, const Scope* scope, bool top, const std::string* member,
                    Step& step);

  static bool is_name_step(const Ast& ast);

  Program& program_;
  CompileFacts& facts_;
  // What each list of `facts_` has already.
  std::map<const std::vector<std::string>*, std::unordered_set<std::string>> noted_;
  SyntaxFailure& failure_;
};

}  // namespace weft::jsonata
