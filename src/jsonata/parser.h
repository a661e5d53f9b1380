#pragma once

#include <string_view>

#include "jsonata/ast.h"
#include "jsonata/lexer.h"

namespace weft::jsonata {

// Reads an expression into a raw syntax tree (operators as written, paths not yet joined). nullptr
// on failure.
Ast* parse_expression(std::string_view text, Dialect dialect, AstArena& arena,
                      SyntaxFailure& failure);

}  // namespace weft::jsonata
