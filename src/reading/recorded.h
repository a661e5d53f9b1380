#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/text.h"
#include "reading/query.h"

// What is run again: an execution or child as it was recorded, and what of a definition it runs on.

namespace weft::reading {

struct Recorded {
  ExecutionView view;
  std::string machine_name;
  std::string definition_hash;  // "" when it is not known
  std::string map_state;        // whose child it is; "" of a top-level execution
};

// kInvalidArgument: it is a Map Run. Others: those of Query.
base::Result<Recorded> recorded_execution(const Query& query, const std::string& arn);

// What `recorded` is run on when its machine has this definition: that itself; of a child the
// processor of its Map state as a machine of its own. `name` is how errors call the definition.
// kInvalidArgument: it does not compile, or has no such Distributed Map.
base::Result<std::string> replayed_definition(const base::Text& definition,
                                              const Recorded& recorded, std::string_view name);

}  // namespace weft::reading
