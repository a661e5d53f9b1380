#pragma once

#include <string_view>

#include "arn/arn.h"

namespace weft::arn {

// Whether an ARN is of this partition, Region and account. What is elsewhere does not exist here,
// whatever it is called.
bool is_at(const Home& identity, std::string_view arn);

}  // namespace weft::arn
