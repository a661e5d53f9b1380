#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "reading/query.h"
#include "records/activity_record.h"

// Which activities there are.

namespace weft::reading {

// kNotFound: "Activity Does Not Exist: ..."; kInvalidArn.
base::Result<records::ActivityRecord> activity(const Query& query, std::string_view arn);
// By name.
base::Result<Page<records::ActivityRecord>> activities(const Query& query, size_t limit,
                                                       std::string_view token);

}  // namespace weft::reading
