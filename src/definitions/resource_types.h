#pragma once

#include <map>
#include <string_view>

namespace weft::definitions {

// How AWS names the resources of one type. Patterns hold {name}, {region}, {account}, {partition},
// {suffix}.
struct ResourceType {
  std::string_view name_property;                           // "" when there is none
  std::string_view ref;                                     // what Ref gives
  std::map<std::string_view, std::string_view> attributes;  // what Fn::GetAtt gives
};

// nullptr for types whose names and attributes Weft does not know.
const ResourceType* resource_type(std::string_view type);

inline bool is_state_machine(std::string_view type) {
  return type == "AWS::Serverless::StateMachine" || type == "AWS::StepFunctions::StateMachine";
}
inline bool is_function(std::string_view type) {
  return type == "AWS::Serverless::Function" || type == "AWS::Lambda::Function";
}

}  // namespace weft::definitions
