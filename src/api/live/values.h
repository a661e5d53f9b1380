#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/live/client.h"
#include "reading/query.h"
#include "running/host.h"

namespace weft::api {

// What a topic has to say at this moment; empty when there is no such thing. Blocking.
//
//   list         wm {topic,v}
//   exec:ARN     wm {topic,v}, end {topic,status}
//   maprun:ARN   wm {topic,v}, counts {topic,reading,itemCounts,executionCounts}, end
//   {topic,status}
//
// `v` changes whenever answers of the query API about it may have changed.
LiveValues live_values(running::Host& host, std::string_view topic);

// Of a top-level execution that runs, and was not imported: what changes with every event of its
// own, and not with what its Map Runs' children do. Nothing of others.
std::optional<std::string> own_version(const reading::Query& query, std::string_view arn);

}  // namespace weft::api
