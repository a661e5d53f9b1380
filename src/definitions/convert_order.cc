#include "definitions/convert_order.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::definitions {
namespace {

// What a field of JSONata's is made of, but for the field of its name and that name with "Path".
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kMadeOf = {
    {{"Arguments", "Parameters"},
     {"Arguments", "InputPath"},
     {"Output", "ResultSelector"},
     {"Output", "Result"},
     {"Output", "ResultPath"},
     {"Output", "OutputPath"},
     {"Output", "Parameters"},
     {"Output", "InputPath"},
     {"Items", "ItemsPath"},
     {"Items", "InputPath"},
     {"ItemSelector", "Parameters"},
     {"ItemProcessor", "Iterator"}}};

size_t place_of(const std::string& name, const Node& state) {
  const auto at = [&](std::string_view field) {
    return static_cast<size_t>(std::ranges::find(state.names, field, &Node::Name::text) -
                               state.names.begin());
  };
  size_t place = std::min(at(name), at(name + "Path"));
  for (const auto& [made, of] : kMadeOf) {
    if (place == state.names.size() && made == name) place = at(of);
  }
  return place;
}

}  // namespace

Node in_order_of(const Node& state, Node converted) {
  std::vector<std::pair<size_t, size_t>> order;
  for (size_t i = 0; i < converted.names.size(); ++i)
    order.emplace_back(place_of(converted.names[i].text, state), i);
  std::ranges::sort(order);
  Node sorted{.kind = Node::Kind::kObject, .origin = converted.origin};
  for (const auto& [place, i] : order) {
    sorted.names.push_back(std::move(converted.names[i]));
    sorted.items.push_back(std::move(converted.items[i]));
  }
  return sorted;
}

}  // namespace weft::definitions
