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
// InvalidEncryptionConfiguration, kInvalidArgument, kSerialization.
std::expected<void, aws::Fault> check_encryption(json::Value configuration);

// `publish` and `versionDescription`.
struct Versioning {
  bool publish = false;
  bool described = false;
};
Versioning read_versioning(Members& in);
// Weft has no versions: asking for one is kInvalidArgument.
std::expected<void, aws::Fault> check_versioning(const Versioning& versioning);

// Reads `tracingConfiguration`; nothing where the request has none. kSerialization.
base::Result<std::optional<bool>> tracing_configuration(json::Value value);

// The settings of a state machine: its own for logging and tracing, AWS's default for encryption.
void add_machine_configuration(const records::MachineSettings& settings, aws::Answer& answer,
                               json::Arena& arena);

// AWS: a role has to have an ARN. InvalidArn.
std::expected<void, aws::Fault> check_role(std::string_view role_arn);

// `variableReferences`: which variables each state reads; states without any are left out, and the
// member where there are none.
void add_variable_references(const base::Text& definition, bool express, aws::Answer& answer,
                             json::Arena& arena);

}  // namespace weft::api
