#pragma once

#include <optional>
#include <string_view>

#include "asl/program.h"

namespace weft::asl {

// Takes a Task's `Resource` apart. Nothing when the text names no Lambda function, activity or
// service integration that Step Functions knows (AWS pages "Integrating services" and "Optimized
// integrations").
std::optional<TaskResource> parse_resource(std::string_view arn);

}  // namespace weft::asl
