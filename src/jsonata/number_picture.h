#pragma once

#include "jsonata/context.h"

namespace weft::jsonata {

// $formatNumber: `number` by a picture of XPath and XQuery Functions 3.1, 4.7; `options` is an
// object of strings that replace the special characters, or undefined. Errors D3080 to D3093.
Value format_number(Context& context, double number, const Value& picture, const Value& options);

}  // namespace weft::jsonata
