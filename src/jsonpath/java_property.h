#pragma once

#include <optional>
#include <string>
#include <string_view>

// Internal to src/jsonpath.

namespace weft::jsonpath {

// What Java's \p{name} stands for, as members of a class of PCRE2 (`a-z`, `\p{Lu}`); nothing where
// Java has no such name, or PCRE2 no such set. With `ignore_case` the sets of one case hold the
// others too.
std::optional<std::string> members_of_java_property(std::string_view name, bool ignore_case);

}  // namespace weft::jsonpath
