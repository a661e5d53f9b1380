#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "integrations/integration.h"

namespace weft::integrations {

// All services beside Lambda and S3, which Weft's server owns itself. The only list of them.
std::span<const Service* const> services();

// What starts state machines as tasks; the host runs these itself.
inline constexpr TaskApi kNestedApis[] = {{"states", "startExecution"},
                                          {"aws-sdk:sfn", "startExecution"},
                                          {"aws-sdk:sfn", "startSyncExecution"}};
// What answers task tokens as a task; the host runs these, too.
inline constexpr TaskApi kAnswerApis[] = {{"aws-sdk:sfn", "sendTaskSuccess"},
                                          {"aws-sdk:sfn", "sendTaskFailure"},
                                          {"aws-sdk:sfn", "sendTaskHeartbeat"}};

// Why nothing here runs a task's resource, and what to do: one sentence that names it; "" when
// something does. For asl::CompileOptions::unavailable.
std::string why_unavailable(const asl::TaskResource& resource);

// Whether the values of all their flags can be used. kInvalidArgument: one sentence.
base::Result<void> check_flags(const Surroundings& surroundings);

// Opens each of them. kInvalidArgument: one sentence.
base::Result<std::vector<std::unique_ptr<Integration>>> open_services(
    const Surroundings& surroundings);

}  // namespace weft::integrations
