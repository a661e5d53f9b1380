#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

// The members of a child's input by their paths: "customer.region", "Items.Key". An array stands
// for its items, so that the path into a batch is the path into each of them.

namespace weft::reading {

// Deeper members and further ones of a wide object are not looked at.
inline constexpr size_t kPathDepthMax = 8;
inline constexpr size_t kPathMembersMax = 100;

// Calls `visit` with every text, number and boolean, in order.
void visit_leaves(const json::Value& input,
                  const std::function<void(const std::string& path, const json::Value&)>& visit);

// Calls `visit` with what stands at `path`, in each item of the arrays on the way, in order.
void visit_at(const json::Value& input, std::string_view path,
              const std::function<void(const json::Value&)>& visit);
// The first of them; undefined when nothing stands there.
json::Value value_at(const json::Value& input, std::string_view path);

// A text as it is, a number or boolean as JSON, "" of all others.
std::string leaf_text(const json::Value& value);

// Where in the inputs of a Map Run's children the key of their item stands, whatever ItemSelector
// and ItemBatcher made of the item: the shortest path that ends in a member "Key"; else the path
// whose texts look like names of objects and tell most children apart. "" when there is none.
std::string find_key_path(const std::vector<std::string>& inputs);

}  // namespace weft::reading
