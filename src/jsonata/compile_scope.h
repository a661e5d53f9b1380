#pragma once

#include <string>

#include "jsonata/ast.h"
#include "jsonata/program.h"

// Which names a scope of an expression has; every variable is found by its place then, not by its
// name.

namespace weft::jsonata {

// A scope while compiling: its frame's names and the scope around it.
struct Scope {
  const Scope* parent;
  const FrameLayout* layout;
};

// Unless it has it.
void add_name(FrameLayout& layout, const std::string& name);

// Whether a path carries variables from step to step: it has a scope of its own then.
bool binds_tuples(const Ast& path);

// Names bound by := directly in the scope of `node`, not in a scope inside it.
void collect_bindings(const Ast& node, FrameLayout& layout);

// The names a path's tuples carry: focus and index variables, labels of parents, and those of
// streams handed on from inside.
void collect_tuple_names(const Ast& path, FrameLayout& layout);

}  // namespace weft::jsonata
