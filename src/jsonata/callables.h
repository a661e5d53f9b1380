#pragma once

#include "jsonata/context.h"
#include "jsonata/function.h"

namespace weft::jsonata {

// The matcher protocol: a regex called with (text, from) gives undefined or {match, start, end,
// groups, next}; offsets are UTF-16 units.
Value call_regex(Context& context, const RegexFunction& function, const Value* arguments,
                 size_t count);
Value call_regex_next(Context& context, const RegexNextFunction& function);

// A transform applied to its argument.
Value call_transform(Context& context, const TransformFunction& function, Value argument,
                     Value input);

// The copy $clone makes: JSON text and back.
Value clone_value(Context& context, const Value& value);

}  // namespace weft::jsonata
