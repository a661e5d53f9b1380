#pragma once

#include <string>
#include <string_view>

#include "jsonata/expression.h"

namespace weft::jsonata {

// The texts of crossed bounds as AWS prints them (measured on Step Functions; shared by the raising
// sites).
inline constexpr std::string_view kDepthMessage =
    "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as "
    "tail-recursive.";
inline constexpr std::string_view kMemoryMessage =
    "Expression evaluation memory limit exceeded: Check for excessive memory usage";
inline constexpr std::string_view kTimeoutMessage =
    "Expression evaluation timeout: Check for infinite loop";
// Ours: the reference takes pictures of any length, in time that grows with the square of it.
inline constexpr std::string_view kPictureMessage =
    "Expression evaluation picture limit exceeded: a picture string holds at most 10000 bytes, "
    "each "
    "of its symbols at most 100";

// The sentence of an error code with its places {{field}} still in it; empty for an unknown code.
std::string_view message_template(std::string_view code);

// What fills the places of a template; texts of values are JSON already.
struct MessageFields {
  std::string token;
  std::string token_json;  // the token as JSON text; empty: as a string
  std::string value;
  std::string value2;
  std::string index;
  std::string type;
  std::string exp;
  std::string function_name;
  std::string message;
};

// The sentence with {{x}} as JSON text and {{{x}}} raw; an absent field gives the word undefined.
std::string format_message(std::string_view code, const MessageFields& fields);

}  // namespace weft::jsonata
