#include "json/build.h"
#include "jsonpath/arguments.h"
#include "jsonpath/functions.h"
#include "jsonpath/java_order.h"

// States.JsonMerge.

namespace weft::jsonpath {

FunctionResult run_json_merge(CallContext& context, std::span<const json::Value> arguments) {
  for (size_t place = 0; place < 2; ++place) {
    if (!arguments[place].is_object()) return refuse(place, "an object", arguments[place]);
  }
  if (!arguments[2].is_bool() || arguments[2].as_bool())
    return refuse(2, "false: deep merging is not supported", arguments[2]);
  json::ObjectExtender merged(arguments[0], context.arena);
  const json::Object* second = arguments[1].object_data();
  for (size_t i = 0; i < arguments[1].size(); ++i)
    merged.add_key(second->shape->keys[i], second->members[i]);
  const json::Value all = merged.finish();
  std::vector<std::string_view> names;
  for (size_t i = 0; i < all.size(); ++i) names.push_back(all.key(i));
  json::ObjectBuilder ordered(context.arena);
  for (const size_t i : java_hash_order(names))
    ordered.add_key(all.object_data()->shape->keys[i], all.member(i));
  return ordered.finish();
}

}  // namespace weft::jsonpath
