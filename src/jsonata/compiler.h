#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jsonata/ast.h"
#include "jsonata/lexer.h"
#include "jsonata/program.h"

namespace weft::jsonata {

// What a compilation learns about an expression beside its program.
struct CompileFacts {
  std::vector<std::string> free_variables;
  std::vector<std::string> top_level_names;
  std::vector<std::string> states_members;
  bool reads_all_states = false;
};

// Compiles an expression. nullptr with `failure` set when it is malformed.
std::shared_ptr<const Program> compile_program(std::string_view text, Dialect dialect,
                                               CompileFacts& facts, SyntaxFailure& failure);

// Compiles an expression that runs inside an evaluation ($eval): names resolve to the scopes of
// `frame` and the context's variables.
std::shared_ptr<const Program> compile_inside(std::string_view text, Context& context, Frame* frame,
                                              SyntaxFailure& failure);

}  // namespace weft::jsonata
