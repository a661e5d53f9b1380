#pragma once

#include <span>
#include <string_view>

#include "jsonata/expression.h"

namespace weft::jsonata {

// The functions that expressions of a dialect may call, without the $, in order.
std::span<const std::string_view> library_function_names(Dialect dialect);

}  // namespace weft::jsonata
