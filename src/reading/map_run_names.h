#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/error.h"
#include "records/records.h"

// Names and refusals that the parts of Query share.

namespace weft::reading {

inline std::string machine_arn_of(const records::MapRunRecord& run) {
  return arn::sibling_arn(run.arn, "stateMachine", records::labelled_machine(run));
}

// The refusal of an ARN of another kind, "mapRun" ..., in AWS's words.
inline std::unexpected<base::Error> kind_not_valid(std::string_view kind) {
  return base::fail(
      base::ErrorCode::kInvalidArn,
      fmt::format("Invalid Arn: 'Resource type not valid in this context: {}'", kind));
}

}  // namespace weft::reading
