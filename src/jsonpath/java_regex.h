#pragma once

#include <expected>
#include <string>
#include <string_view>

// Internal to src/jsonpath.

namespace weft::jsonpath {

// A regular expression of Java (java.util.regex.Pattern of Java 17) in PCRE2's language, with the
// meaning that it has there; the error says what Java does not take, or what has no counterpart.
// Only what reaches a filter's pattern is known: the library looks for `<`, `>`, `&&` and `||`
// before it looks for a pattern, so that no pattern holds one. The result is for
// PCRE2_UTF without PCRE2_CASELESS: with `ignore_case` the cases stand in it, Java folding ASCII
// only.
std::expected<std::string, std::string> regex_of_java(std::string_view expression,
                                                      bool ignore_case);

}  // namespace weft::jsonpath
