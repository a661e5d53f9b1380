#pragma once

#include <expected>
#include <memory>
#include <string_view>

#include "jsonpath/failure.h"
#include "jsonpath/filter.h"

// Internal to src/jsonpath.

namespace weft::jsonpath {

// Reads the filter of `fragment`, a bracket step whose `?` stands at byte `question`. `depth`
// counts this filter and those around it.
std::expected<std::shared_ptr<const Filter>, CompileError> parse_filter(std::string_view fragment,
                                                                        size_t question, int depth);

}  // namespace weft::jsonpath
