#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "definitions/node.h"
#include "definitions/template.h"

namespace weft::definitions {

// Evaluates the functions of a template: Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Select, Fn::Split,
// Fn::FindInMap, Fn::If and the conditions, Fn::GetAZs, Fn::ToJsonString, Fn::Length.
// Only what is asked for is evaluated; what cannot be had becomes a finding, and `${Name}` in its
// place. A finding is a warning, but an error when CloudFormation itself would refuse the template
// and a state machine needs the value. AWS: "Intrinsic function reference" of CloudFormation.
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

  // Whether a value of that name (Surroundings::values) was used for what was evaluated.
  bool was_asked_for(const std::string& name) const { return asked_for_.contains(name); }

  // Whether a resource is made: it has no Condition, or that holds.
  bool is_made(const Node& resource);

  // The one of its two values that an Fn::If gives; nullptr when `argument` is none of it.
  const Node* branch(const Node& argument);

  // What does nothing here, or is known to AWS only.
  void warn(const Origin& origin, std::string message);
  void warn_at(const Place& place, std::string message);
  // What CloudFormation refuses.
  void refuse(const Origin& origin, std::string message);

  // While it lives, what is evaluated is needed by a state machine.
  class Needed {
   public:
    explicit Needed(Intrinsics& intrinsics) : intrinsics_(intrinsics) { ++intrinsics_.needed_; }
    ~Needed() { --intrinsics_.needed_; }
    Needed(const Needed&) = delete;
    Needed& operator=(const Needed&) = delete;

   private:
    Intrinsics& intrinsics_;
  };
  // The first refusal since the last call, also when it was said before.
  std::optional<Finding> take_refusal() { return std::exchange(refusal_, std::nullopt); }
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
  // The value that was given, or is the default; refuses what the parameter does not allow.
  Node parameter_value(const std::string& name, const Node& declared, const Node& given);
  void check_parameter(const std::string& name, const Node& declared, const Node& value);
  bool condition(const Node& node);
  bool named_condition(const std::string& name, const Origin& origin);
  // The value of a pseudo parameter; false when there is no such.
  bool pseudo(const std::string& name, Node& value);
  // `pattern` with {name}, {region} ... filled in.
  std::string fill(std::string_view pattern, const std::string& name) const;
  // What was found out once, and the first refusal on the way.
  template <typename Value>
  struct Known {
    Value value;
    std::optional<Finding> refusal;
  };
  template <typename Value, typename Compute>
  Value once(std::map<std::string, Known<Value>>& all, const std::string& name, Compute compute);

  void say(Finding finding);
  void refuse_at(const Place& place, std::string message);
  std::string make_name(const std::string& resource);
  // What a bucket is called that has this logical ID and no name.
  std::string bucket_name(std::string resource) const;
  // Whether `asked` may be made now; else it is said why not.
  bool open(const std::string& asked, const Origin& origin);
  // `made`, unless it is too large.
  Node bounded(const std::string& function, Node made);
  Node unresolved(const std::string& what, const Origin& origin, std::string message);
  Node refused(const std::string& what, const Origin& origin, std::string message);
  Node misused(const std::string& function, const Node& argument, std::string_view expected);
  // What is no parameter and no resource of the template.
  Node unknown(const std::string& what, const std::string& name, const Origin& origin);
  // SAM makes a role for each function and state machine that names none.
  bool is_sam_role(const std::string& name) const;
  // The ARN that SAM has for `Function.Alias` and `Function.Version` of a function with an
  // AutoPublishAlias; "" of anything else.
  std::string sam_alias(const std::string& name);
  // The resource of SAM that begins `name`, the logical ID of something SAM makes beside it.
  const Node* sam_resource_before(std::string_view name) const;
  const Node* resource(const std::string& name) const;
  const Node* section(std::string_view name, const std::string& member) const;

  const Node& document_;
  const Surroundings& surroundings_;
  std::vector<Finding> findings_;
  std::map<std::pair<std::string, std::string>, size_t> said_;  // place and message: the finding
  std::optional<Finding> refusal_;
  int needed_ = 0;
  std::set<std::string> asked_for_;
  std::set<std::string> open_;  // what is being made, against circles
  std::map<std::string, Known<std::string>> names_;
  std::map<std::string, Known<bool>> conditions_;
};

}  // namespace weft::definitions
