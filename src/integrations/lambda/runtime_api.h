#pragma once

#include <cstdint>
#include <memory>

#include "integrations/lambda/function.h"
#include "net/http.h"
#include "net/server.h"

namespace weft::lambda {

// AWS's Lambda Runtime API (version 2018-06-01) for one sandbox: invocation/next,
// invocation/ID/response, invocation/ID/error and init/error. Requests after the function is gone
// are answered with 500.
net::Handler runtime_api(std::weak_ptr<Function> function, uint32_t sandbox);

// Bounds of a sandbox's listener: an answer of any size gets as far as our own check, the
// connection stays open while the function works, and only what runs in the sandbox is answered.
net::Limits runtime_api_limits(std::weak_ptr<Function> function, uint32_t sandbox);

// `{"errorType":type,"errorMessage":message}`, as the Runtime API refuses.
net::Response runtime_api_error(int status, std::string_view type, std::string_view message);
// 202 {"status":"OK"}.
net::Response runtime_api_accepted();

}  // namespace weft::lambda
