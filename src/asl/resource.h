#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "asl/program.h"

namespace weft::asl {

// Takes a Task's `Resource` apart. Nothing when the text names no Lambda function, activity or
// service integration that Step Functions knows (AWS pages "Integrating services" and "Optimized
// integrations").
std::optional<TaskResource> parse_resource(std::string_view arn);

// What was probably meant by a service integration's ARN that parse_resource() does not know, as an
// ARN; "" when none is near.
std::string meant_resource(std::string_view arn);
// The same when only these actions would do ("s3:getObject").
std::string meant_resource(std::string_view arn, std::span<const std::string_view> actions);

// Whether it is for whoever holds the task's token to say how it ended: a worker of the activity,
// or whom a .waitForTaskToken call told.
bool answered_by_token(const TaskResource& resource);

// Service and action of a service integration's ARN, "s3:getObject" or "lambda:invoke.sync", known
// or not: what follows region and account, which may both be empty. Nothing for other ARNs. Views
// `arn`.
std::optional<std::string_view> service_action(std::string_view arn);

}  // namespace weft::asl
