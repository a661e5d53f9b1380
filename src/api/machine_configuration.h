#pragma once

#include "api/answer.h"

namespace weft::api {

// The settings every state machine of Weft has: AWS's defaults.
inline void add_machine_configuration(Answer& answer, json::Arena& arena) {
  answer
      .value("loggingConfiguration",
             Answer(arena).text("level", "OFF").flag("includeExecutionData", false).finish())
      .value("tracingConfiguration", Answer(arena).flag("enabled", false).finish())
      .value("encryptionConfiguration", Answer(arena).text("type", "AWS_OWNED_KEY").finish());
}

}  // namespace weft::api
