#pragma once

#include <string>
#include <utility>
#include <vector>

#include "history/event.h"

// What the history of an HTTP task (arn:aws:states:::http:invoke) says of its call, in Datadog's
// names of attributes.

namespace weft::trace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// `http.method` and `http.url`, the latter without its query, which may hold a key. Nothing for
// events that are not an HTTP task's TaskScheduled.
Attributes http_request(const history::Event& scheduled);

// `http.status_code`, from the result or from the name of the error. Nothing when there was no
// answer.
Attributes http_answer(const history::Event& outcome);

}  // namespace weft::trace
