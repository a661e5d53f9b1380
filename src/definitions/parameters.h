#pragma once

#include <string>

#include "definitions/node.h"

namespace weft::definitions {

// What a parameter of a template says against a value: AllowedValues, AllowedPattern, MinLength,
// MaxLength, MinValue, MaxValue, and its type Number. "" when it allows it. AWS: "Parameters
// section structure" of CloudFormation.
std::string why_not_allowed(const Node& declared, const std::string& value);

}  // namespace weft::definitions
