#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weft::asl {

// What was probably meant by `name`: the one of `known` that it is made of by the fewest slips
// (letters of another case, missing, extra, wrong or swapped), if these are few for its length.
// Case is the least of slips. "" when none is near.
std::string nearest(std::string_view name, std::span<const std::string_view> known);

}  // namespace weft::asl
