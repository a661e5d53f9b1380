#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "columns/columns.h"
#include "columns/filter.h"
#include "reading/properties.h"

namespace weft::reading {

// Why `filter`, which chooses none of the rows, does so: a sentence for each condition that no row
// fulfils, with what was probably meant or what there is instead. `columns` hold what the filter is
// about; `typed` is the filter before resolve_errors(), with the names of errors. The sentences
// hold texts of inputs and spans as they are.
std::vector<std::string> why_nothing(const columns::Columns& columns, const columns::Filter& filter,
                                     const columns::Filter& typed, const InputShape& shape);

// What is wrong with a property that no row has; "" when one has it.
std::string why_no_value(const columns::Columns& columns, const std::string& property,
                         const InputShape& shape);

}  // namespace weft::reading
