#pragma once

#include <optional>
#include <string_view>

#include "asl/program.h"

namespace weft::asl {

// Takes a Task's `Resource` apart. Nothing when the text names no Lambda function, activity or
// service integration that Step Functions knows (AWS pages "Integrating services" and "Optimized
// integrations").
std::optional<TaskResource> parse_resource(std::string_view arn);

// Service and action of a service integration's ARN, "s3:getObject" or "lambda:invoke.sync", known
// or not: what follows region and account, which may both be empty. Nothing for other ARNs. Views
// `arn`.
std::optional<std::string_view> service_action(std::string_view arn);

}  // namespace weft::asl
