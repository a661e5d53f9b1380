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
// The one that a definition means: by its name alone, whatever Region and account its ARN says.
base::Result<records::ActivityRecord> activity_meant(const Query& query, std::string_view arn);
// By name.
base::Result<Page<records::ActivityRecord>> activities(const Query& query, size_t limit,
                                                       std::string_view token);

}  // namespace weft::reading
