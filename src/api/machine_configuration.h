#pragma once

#include "aws/answer.h"

namespace weft::api {

// The settings every state machine of Weft has: AWS's defaults.
inline void add_machine_configuration(aws::Answer& answer, json::Arena& arena) {
  answer
      .value("loggingConfiguration",
             aws::Answer(arena).text("level", "OFF").flag("includeExecutionData", false).finish())
      .value("tracingConfiguration", aws::Answer(arena).flag("enabled", false).finish())
      .value("encryptionConfiguration", aws::Answer(arena).text("type", "AWS_OWNED_KEY").finish());
}

}  // namespace weft::api
