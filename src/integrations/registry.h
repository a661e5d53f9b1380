#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "integrations/integration.h"

namespace weft::integrations {

// All services beside Lambda and S3, which Weft's server owns itself. The only list of them.
std::span<const Service* const> services();

// Whether the values of all their flags can be used. kInvalidArgument: one sentence.
base::Result<void> check_flags(const Surroundings& surroundings);

// Opens each of them. kInvalidArgument: one sentence.
base::Result<std::vector<std::unique_ptr<Integration>>> open_services(
    const Surroundings& surroundings);

}  // namespace weft::integrations
