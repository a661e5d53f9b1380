#pragma once

#include "jsonata/ast.h"
#include "jsonata/lexer.h"

namespace weft::jsonata {

// Turns the raw tree into the one that is evaluated: dots joined to paths, filters and groups
// attached to their steps, tail calls marked, parent operators resolved to the steps that keep
// their context. nullptr on failure.
Ast* process_tree(Ast* root, AstArena& arena, SyntaxFailure& failure);

}  // namespace weft::jsonata
