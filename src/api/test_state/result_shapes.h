#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace weft::api {

// The first thing about `result` that the answer of a service's operation cannot have, in AWS's
// words: "Field 'StatusCode' must be a number", "Required field 'ExecutionArn' is missing". "" when
// there is none, or when the operation is not known here. `type` and `operation` as in a Task's
// Resource: "aws-sdk:s3", "getObject". Members that the service does not have are let pass.
// `strict`: the members that are always there must be there.
std::string result_problem(std::string_view type, std::string_view operation, json::Value result,
                           bool strict);

}  // namespace weft::api
