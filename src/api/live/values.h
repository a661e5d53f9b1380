#pragma once

#include <string>
#include <string_view>

#include "api/live/client.h"
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

}  // namespace weft::api
