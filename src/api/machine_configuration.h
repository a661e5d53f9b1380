#pragma once

#include "aws/answer.h"
#include "aws/json_protocol.h"
#include "records/records.h"

namespace weft::api {

// Reads `loggingConfiguration`, null or undefined where the request has none. Log groups are not
// looked for: Weft writes to none. Errors: kInvalidLoggingConfiguration, kInvalidArgument,
// kSerialization.
std::expected<records::LoggingConfiguration, aws::Fault> logging_configuration(json::Value value);

// The settings of a state machine: its own for logging, AWS's defaults for the others.
void add_machine_configuration(const records::LoggingConfiguration& logging, aws::Answer& answer,
                               json::Arena& arena);

}  // namespace weft::api
