#pragma once

#include <string>

#include "integrations/task.h"
#include "net/http.h"

namespace weft::http {

// What an HTTP task comes to: its result, or, when `error` is not empty or `too_large`, its
// failure.
struct HttpOutcome {
  std::string output;  // {"Headers":{"name":["value"]},"ResponseBody":...,"StatusCode":...,...}
  std::string error;
  std::string cause;
  bool too_large = false;  // engine::TaskFailed
};

// The outcome that an answer means. JSON becomes ResponseBody parsed, other text a string; an
// answer without a body has none. A status beyond 2xx is States.Http.StatusCode.N with the status
// text as its cause, as AWS has it: the body is gone. Bytes that are no text are States.Runtime
// (AWS page "Call HTTPS APIs", "Unsupported HTTP Task responses").
HttpOutcome outcome_of(const net::Response& response);

// The answer as TestState shows it; bytes that are no text are left out.
void tell(const net::Response& response, integrations::HttpExchange& exchange);
// "[name: value, name: value]".
std::string headers_text(const net::Headers& headers);

}  // namespace weft::http
