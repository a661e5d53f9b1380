#include "asl/map_item.h"

#include "json/build.h"

namespace weft::asl {

json::Value entry_of(json::Value object, uint32_t index, json::Arena& arena) {
  json::ObjectBuilder entry(arena);
  entry.add_ref("Key", json::Value::string_ref(object.key(index)));
  entry.add_ref("Value", object.member(index));
  return entry.finish();
}

json::Value with_map_item(json::Value context, const MapItem& item, json::Arena& arena) {
  json::ObjectBuilder described(arena);
  described.add_ref("Index", json::Value::integer(static_cast<int64_t>(item.index)));
  if (!item.key.is_undefined()) {
    described.add_ref("Key", item.key);
  }
  described.add_ref("Value", item.value);
  described.add_ref("Source", json::Value::string_ref(item.source));
  json::ObjectBuilder map(arena);
  map.add_ref("Item", described.finish());
  json::ObjectBuilder all(arena);
  for (uint32_t i = 0; i < context.size(); ++i) {
    all.add_ref(context.key(i), context.member(i));
  }
  all.add_ref("Map", map.finish());
  return all.finish();
}

}  // namespace weft::asl
