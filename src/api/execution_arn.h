#pragma once

#include <string_view>

#include "base/error.h"
#include "history/event.h"
#include "reading/query.h"

namespace weft::api {

// Whether an operation also tells of Express children of Map Runs.
enum class ExpressChildren : uint8_t { kRefused, kTaken };

// The execution that an operation which AWS has for Standard executions only is asked about. Of
// Express ones are taken: those that were imported, whose events are all here; `children`.
// kInvalidArn of others, whether they exist or not.
base::Result<history::ExecutionKey> standard_execution(
    const reading::Query& query, std::string_view arn,
    ExpressChildren children = ExpressChildren::kRefused);

}  // namespace weft::api
