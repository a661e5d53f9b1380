#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "records/tags.h"

namespace weft::records {

// An activity: what workers ask for work of. Stored as a JSON object; unknown members are ignored
// when read.
struct ActivityRecord {
  std::string name;
  std::string arn;
  base::UnixMs created_ms = 0;
  Tags tags;
};

std::string encode(const ActivityRecord& record);
// kStorage: the bytes are damaged.
base::Result<ActivityRecord> decode_activity(std::string_view bytes);

// Under Family::kName -> record. No machine's name begins like it.
std::string activity_key(std::string_view name);
// Behind the keys of all activities.
std::string end_of_activities();

}  // namespace weft::records
