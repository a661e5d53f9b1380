#pragma once

#include <string_view>

#include "arn/arn.h"
#include "aws/json_protocol.h"

namespace weft::api {

// Takes the ARN of a state machine apart for an operation
// that refuses ARNs with a Map state's label
// (`...:stateMachine:name/label`).
inline std::expected<arn::StatesArn, aws::Fault> unlabelled_machine(std::string_view arn) {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(aws::Fault(parts.error()));
  if (parts->kind != "stateMachine") {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kInvalidArn,
                   "Invalid Arn: 'Resource type not valid in this context: " + parts->kind + "'"));
  }
  if (!parts->label.empty()) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kInvalidArgument,
                   "This operation does not accept the ARN of a labelled state machine: '" +
                       std::string(arn) + "'",
                   "API_DOES_NOT_SUPPORT_LABELED_ARNS"));
  }
  return std::move(*parts);
}

}  // namespace weft::api
