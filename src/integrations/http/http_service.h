#pragma once

#include "integrations/integration.h"

namespace weft::http {

// arn:aws:states:::http:invoke, with the flags --connection, --http-allow and --http-deny.
extern const integrations::Service kHttpService;

}  // namespace weft::http
