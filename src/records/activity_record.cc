#include "records/activity_record.h"

#include "json/arena.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::records {
namespace {

constexpr char kMark = '\3';

}  // namespace

std::string encode(const ActivityRecord& record) {
  json::Arena arena;
  json::ObjectBuilder members(arena);
  members.add_ref("name", json::Value::string_ref(record.name));
  members.add_ref("arn", json::Value::string_ref(record.arn));
  members.add_ref("created", json::Value::integer(record.created_ms));
  json::ArrayBuilder tags(arena);
  for (const auto& [key, value] : record.tags) {
    json::ArrayBuilder tag(arena);
    tag.push(json::Value::string_ref(key));
    tag.push(json::Value::string_ref(value));
    tags.push(tag.finish());
  }
  members.add_ref("tags", tags.finish());
  return json::to_text(members.finish());
}

base::Result<ActivityRecord> decode_activity(std::string_view bytes) {
  json::Arena arena;
  const auto parsed = json::parse(bytes, arena);
  if (!parsed || !parsed->find("name").is_string()) {
    return base::fail(
        base::ErrorCode::kStorage,
        "The stored record of an activity is not a JSON object: the store is damaged");
  }
  ActivityRecord record{.name = std::string(parsed->find("name").as_string()),
                        .arn = std::string(parsed->find("arn").as_string()),
                        .created_ms = parsed->find("created").as_int(),
                        .tags = {}};
  const json::Value tags = parsed->find("tags");
  for (uint32_t i = 0; tags.is_array() && i < tags.size(); ++i) {
    const json::Value tag = tags.item(i);
    if (tag.is_array() && tag.size() == 2)
      record.tags.emplace_back(tag.item(0).as_string(), tag.item(1).as_string());
  }
  return record;
}

std::string activity_key(std::string_view name) { return kMark + std::string(name); }

std::string end_of_activities() { return {kMark + 1}; }

}  // namespace weft::records
