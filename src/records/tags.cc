#include "records/tags.h"

#include <algorithm>

namespace weft::records {

Tags changed(Tags tags, const TagChange& change) {
  for (const std::string& key : change.removed) {
    std::erase_if(tags, [&](const auto& tag) { return tag.first == key; });
  }
  for (const auto& [key, value] : change.set) {
    const auto known = std::ranges::find(tags, key, &Tags::value_type::first);
    if (known == tags.end()) {
      tags.emplace_back(key, value);
    } else {
      known->second = value;
    }
  }
  return tags;
}

}  // namespace weft::records
