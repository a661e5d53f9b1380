#pragma once

#include "api/members.h"
#include "aws/answer.h"
#include "aws/json_protocol.h"
#include "records/records.h"

namespace weft::api {

// Reads `loggingConfiguration`, null or undefined where the request has none. Log groups are not
// looked for: Weft writes to none. Errors: kInvalidLoggingConfiguration, kInvalidArgument,
// kSerialization.
std::expected<records::LoggingConfiguration, aws::Fault> logging_configuration(json::Value value);

// Weft encrypts nothing itself: AWS's own key is the only one there is.
// InvalidEncryptionConfiguration.
std::expected<void, aws::Fault> check_encryption(json::Value configuration);

// `publish` and `versionDescription`.
struct Versioning {
  bool publish = false;
  bool described = false;
};
Versioning read_versioning(Members& in);
// Weft has no versions: asking for one is kInvalidArgument.
std::expected<void, aws::Fault> check_versioning(const Versioning& versioning);

// The settings of a state machine: its own for logging, AWS's defaults for the others.
void add_machine_configuration(const records::LoggingConfiguration& logging, aws::Answer& answer,
                               json::Arena& arena);

// `variableReferences`: which variables each state reads; states without any are left out, and the
// member where there are none.
void add_variable_references(const base::Text& definition, bool express, aws::Answer& answer,
                             json::Arena& arena);

}  // namespace weft::api
