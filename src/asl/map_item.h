#pragma once

#include <cstdint>
#include <string_view>

#include "json/arena.h"
#include "json/value.h"

// Items of a Map state, as an inline iteration and a Map Run's ItemSelector both see them (AWS
// pages "ItemsPath (Map)" and "Accessing execution data from the Context object").

namespace weft::asl {

// One item, as $states.context.Map.Item tells it.
struct MapItem {
  uint64_t index = 0;
  json::Value key;  // the member's name, undefined where the items are an array's
  json::Value value;
  std::string_view source;  // "STATE_DATA", "S3://bucket/key"; outlives what is made of it
};

// The item that the member `index` of an object is: {"Key": its name, "Value": its value}.
json::Value entry_of(json::Value object, uint32_t index, json::Arena& arena);

// `context`, the context object of the Map state, with Map.Item added.
json::Value with_map_item(json::Value context, const MapItem& item, json::Arena& arena);

}  // namespace weft::asl
