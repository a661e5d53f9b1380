#pragma once

#include <string>
#include <string_view>

#include "asl/path.h"
#include "asl/program.h"
#include "json/value.h"

// Which members the parameters of a call may have: those of tasks, of ItemReader and of
// ResultWriter. A call is named as in its resource, without pattern: "lambda:invoke",
// "s3:getObject". The lists are AWS's (page "Optimized integrations", and the API reference for
// "aws-sdk:sfn").

namespace weft::asl {

struct StateContext;

// "lambda:invoke" of a service's resource; "" of other resources.
std::string call_name(const TaskResource& resource);

// Reports members of `written`, the parameters of `call` as the definition has them, that the call
// does not know (SCHEMA_VALIDATION_FAILED, with what was probably meant), or that AWS knows and
// this version cannot follow (UNSUPPORTED_FEATURE). Nothing for parameters that an expression
// gives, and for calls without a list.
void check_call_members(StateContext& context, const json::Value& written, const Path& at,
                        std::string_view call);

// The same of evaluated parameters: why they cannot be used, as a sentence without its full stop;
// "" when they can.
std::string unusable_member(std::string_view call, const json::Value& parameters);

}  // namespace weft::asl
