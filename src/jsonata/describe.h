#pragma once

#include "jsonata/context.h"
#include "jsonata/expression.h"
#include "jsonata/lexer.h"

namespace weft::jsonata {

// Failures in the words of errors.h, as callers get them.
CompileError describe(const SyntaxFailure& failure);
EvaluationError describe(const Failure& failure);

}  // namespace weft::jsonata
