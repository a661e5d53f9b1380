#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weft::records {

// Of a state machine or an activity: key and value, in the order in which the keys came.
using Tags = std::vector<std::pair<std::string, std::string>>;

// AWS: "Tagging in Step Functions".
inline constexpr size_t kTagsMax = 50;

// What TagResource and UntagResource change.
struct TagChange {
  Tags set;
  std::vector<std::string> removed;  // keys; those that are not there are ignored
};

// `tags` after the change; a key that was there keeps its place. May be more than kTagsMax.
Tags changed(Tags tags, const TagChange& change);

}  // namespace weft::records
