#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "definitions/node.h"
#include "definitions/template.h"

namespace weft::definitions {

// Evaluates the functions of a template: Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split,
// Fn::FindInMap, Fn::If and the conditions, Fn::Base64, Fn::GetAZs, Fn::ToJsonString, Fn::Length.
// Only what is asked for is evaluated; what cannot be had becomes a finding, and `${Name}` in its
// place. AWS: "Intrinsic function reference" of CloudFormation.
class Intrinsics {
 public:
  // Both must outlive it.
  Intrinsics(const Node& document, const Surroundings& surroundings);

  // `node` with every function in it replaced by its value.
  Node evaluate(const Node& node);
  // The same as a text; "" when it is none. `what` names it in the finding.
  std::string text(const Node* node, std::string_view what);

  // The name that a resource has here: its name property, or one made of its logical ID.
  std::string name_of(const std::string& resource);

  // Whether a resource is made: it has no Condition, or that holds.
  bool is_made(const Node& resource);

  void warn(const Origin& origin, std::string message);
  void warn_at(const Place& place, std::string message);
  std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  Node call(const std::string& function, const Node& argument, const Node& whole);
  Node ref(const std::string& name, const Origin& origin);
  Node attribute(const std::string& resource, const std::string& attribute, const Origin& origin);
  Node get_att(const Node& argument);
  Node sub(const Node& argument);
  Node join(const Node& argument);
  Node select(const Node& argument);
  Node split(const Node& argument);
  Node find_in_map(const Node& argument);
  Node choose(const Node& argument);
  Node zones(const Node& argument);
  Node parameter(const std::string& name, const Node& declared, const Origin& origin);
  bool condition(const Node& node);
  bool named_condition(const std::string& name, const Origin& origin);
  // The value of a pseudo parameter; false when there is no such.
  bool pseudo(const std::string& name, Node& value);
  // `pattern` with {name}, {region} ... filled in.
  std::string fill(std::string_view pattern, const std::string& name) const;
  Node unresolved(const std::string& what, const Origin& origin, std::string message);
  Node misused(const std::string& function, const Origin& origin, std::string_view expected);
  const Node* resource(const std::string& name) const;
  const Node* section(std::string_view name, const std::string& member) const;

  const Node& document_;
  const Surroundings& surroundings_;
  std::vector<Finding> findings_;
  std::set<std::pair<std::string, std::string>> said_;  // place and message
  std::set<std::string> open_;                          // names being asked for, against circles
};

}  // namespace weft::definitions
