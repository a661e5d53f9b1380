#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace weft::jsonpath {

// The places of `names` (distinct) in the order in which a Java HashMap that got them in this order
// gives them back. AWS's templates and States.JsonMerge show it.
std::vector<size_t> java_hash_order(const std::vector<std::string_view>& names);

}  // namespace weft::jsonpath
