#pragma once

#include <string>
#include <string_view>

namespace weft::asl {

// Why `name` (without $) is no legal variable name, or an empty text. AWS page "Passing data
// between states with variables": a Unicode identifier (UAX #31) of at most 80 characters; `states`
// is reserved.
std::string variable_name_problem(std::string_view name);

// Characters of a UTF-8 text.
size_t count_characters(std::string_view text);

}  // namespace weft::asl
