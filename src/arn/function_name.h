#pragma once

#include <string>
#include <string_view>

namespace weft::arn {

// The parts of how a caller names a function.
struct FunctionName {
  std::string name;
  std::string qualifier;  // alias or version, "" = none
};

// Takes `name`, `name:qualifier`, `123456789012:function:name[:qualifier]` and
// `arn:aws:lambda:region:123456789012:function:name[:qualifier]`. Region and account are not
// compared: local functions answer for every account. Anything else comes back as a name nothing is
// called.
FunctionName parse_function_name(std::string_view text);

// The name alone, in each of these forms, as a view of `text`: the one way in which calls are told
// apart by function.
std::string_view function_name_of(std::string_view text);

// Whether it has the form of an ARN of a function, whole or partial.
bool is_function_arn(std::string_view text);

}  // namespace weft::arn
