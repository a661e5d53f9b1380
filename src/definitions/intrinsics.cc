#include "definitions/intrinsics.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "base/limits.h"
#include "definitions/parameters.h"
#include "definitions/resource_types.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

// Names and conditions that are being made, each for the one before.
constexpr size_t kOpenMax = 100;

Node placeholder(const std::string& what, const Origin& origin) {
  Node node =
      string_node(fmt::format("${{{}}}", what), {origin.source, origin.offset, Style::kPoint});
  node.unresolved = true;
  return node;
}

// Transforms that add no resources, or only those that sam_resource_before() knows.
bool adds_nothing(std::string_view transform) {
  return transform.starts_with("AWS::Serverless-") ||
         transform.starts_with("AWS::LanguageExtensions");
}

// Whether macros may add resources that the text does not show.
bool is_open_ended(const Node& document) {
  if (document.find("Fn::Transform") != nullptr) return true;
  if (const Node* resources = document.find("Resources")) {
    const auto made = [](const Node::Name& name) { return name.text.starts_with("Fn::"); };
    if (std::ranges::any_of(resources->names, made)) return true;
  }
  const Node* transform = document.find("Transform");
  if (transform == nullptr) return false;
  const auto other = [](const Node& one) { return !adds_nothing(scalar_text(&one)); };
  return transform->is_array() ? std::ranges::any_of(transform->items, other) : other(*transform);
}

}  // namespace

Intrinsics::Intrinsics(const Node& document, const Surroundings& surroundings)
    : document_(document), surroundings_(surroundings) {}

// Once, and by its worst severity.
void Intrinsics::say(Finding finding) {
  const Place& place = finding.place;
  const std::string where =
      fmt::format("{}:{}:{}", place.source ? place.source->name : "", place.line, place.column);
  const auto [known, fresh] =
      said_.try_emplace(std::pair(where, finding.message), findings_.size());
  if (fresh) {
    findings_.push_back(std::move(finding));
  } else if (finding.severity == Finding::Severity::kError) {
    findings_[known->second].severity = Finding::Severity::kError;
  }
}

void Intrinsics::warn_at(const Place& place, std::string message) {
  say({Finding::Severity::kWarning, place, std::move(message)});
}

void Intrinsics::refuse(const Origin& origin, std::string message) {
  refuse_at(place_of(origin), std::move(message));
}

void Intrinsics::refuse_at(const Place& place, std::string message) {
  Finding finding{needed_ > 0 ? Finding::Severity::kError : Finding::Severity::kWarning, place,
                  std::move(message)};
  if (!refusal_) refusal_ = finding;
  say(std::move(finding));
}

void Intrinsics::warn(const Origin& origin, std::string message) {
  warn_at(place_of(origin), std::move(message));
}

Node Intrinsics::unresolved(const std::string& what, const Origin& origin, std::string message) {
  warn(origin, std::move(message));
  return placeholder(what, origin);
}

Node Intrinsics::refused(const std::string& what, const Origin& origin, std::string message) {
  refuse(origin, std::move(message));
  return placeholder(what, origin);
}

Node Intrinsics::misused(const std::string& function, const Node& argument,
                         std::string_view expected) {
  return refused(function, argument.origin,
                 fmt::format("{} must be given {}, not {}", function, expected, shown(argument)));
}

const Node* Intrinsics::sam_resource_before(std::string_view name) const {
  const Node* all = document_.find("Resources");
  for (size_t i = 0; all != nullptr && i < all->names.size(); ++i) {
    const std::string& own = all->names[i].text;
    if (name.size() > own.size() && name.starts_with(own) &&
        scalar_text(all->items[i].find("Type")).starts_with("AWS::Serverless::"))
      return &all->items[i];
  }
  return nullptr;
}

Node Intrinsics::unknown(const std::string& what, const std::string& name, const Origin& origin) {
  // SAM makes versions, aliases, stages, event sources ..., and an API for events of the types Api
  // and HttpApi; other macros make anything.
  if (name.starts_with("ServerlessRestApi") || name.starts_with("ServerlessHttpApi") ||
      sam_resource_before(name) != nullptr || is_open_ended(document_)) {
    return unresolved(
        what, origin,
        fmt::format("What {0} is here is known to AWS only: give it with --substitute {0}=VALUE",
                    what));
  }
  const bool pseudo_parameter = name.starts_with("AWS::");
  return refused(what, origin,
                 fmt::format("There is no {} '{}'{}",
                             pseudo_parameter ? "pseudo parameter" : "parameter and no resource",
                             name, pseudo_parameter ? "" : " in the template"));
}

const Node* Intrinsics::section(std::string_view name, const std::string& member) const {
  const Node* all = document_.find(name);
  return all == nullptr ? nullptr : all->find(member);
}

const Node* Intrinsics::resource(const std::string& name) const {
  const Node* found = section("Resources", name);
  return found != nullptr && found->is_object() ? found : nullptr;
}

Node Intrinsics::evaluate(const Node& node) {
  if (node.is_object() && node.items.size() == 1) {
    const std::string& name = node.names[0].text;
    if (name == "Ref" || name.starts_with("Fn::")) return call(name, node.items[0], node);
  }
  if (!node.is_object() && !node.is_array()) return node;
  Node out{.kind = node.kind, .origin = node.origin};
  for (size_t i = 0; i < node.items.size(); ++i) {
    Node item = evaluate(node.items[i]);
    if (item.kind == Kind::kAbsent) continue;
    out.unresolved |= item.unresolved;
    out.items.push_back(std::move(item));
    if (node.is_object()) out.names.push_back(node.names[i]);
  }
  return out;
}

std::string Intrinsics::text(const Node* node, std::string_view what) {
  if (node == nullptr) return {};
  const Node value = evaluate(*node);
  if (value.is_scalar()) return value.text;
  if (value.kind != Kind::kAbsent && value.kind != Kind::kNull)
    refuse(node->origin, fmt::format("{} must be a text, not {}", what, shown(value)));
  return {};
}

std::string Intrinsics::fill(std::string_view pattern, const std::string& name) const {
  const std::pair<std::string_view, const std::string&> parts[] = {
      {"{name}", name},
      {"{region}", surroundings_.home.region},
      {"{account}", surroundings_.home.account},
      {"{partition}", surroundings_.home.partition},
  };
  std::string out(pattern);
  for (const auto& [mark, value] : parts) {
    for (size_t at = out.find(mark); at != std::string::npos;
         at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  }
  constexpr std::string_view kSuffix = "{suffix}";
  if (const size_t at = out.find(kSuffix); at != std::string::npos)
    out.replace(at, kSuffix.size(), "amazonaws.com");
  return out;
}

bool Intrinsics::pseudo(const std::string& name, Node& value) {
  if (!name.starts_with("AWS::")) return false;
  const arn::Home& home = surroundings_.home;
  if (name == "AWS::NoValue") {
    value.kind = Kind::kAbsent;
    return true;
  }
  if (name == "AWS::NotificationARNs") {
    value.kind = Kind::kArray;
    return true;
  }
  const std::map<std::string_view, std::string> texts = {
      {"AWS::Region", home.region},
      {"AWS::AccountId", home.account},
      {"AWS::Partition", home.partition},
      {"AWS::URLSuffix", "amazonaws.com"},
      {"AWS::StackName", surroundings_.stack_name},
      {"AWS::StackId",
       fmt::format("arn:{}:cloudformation:{}:{}:stack/{}/00000000-0000-0000-0000-000000000000",
                   home.partition, home.region, home.account, surroundings_.stack_name)},
  };
  const auto found = texts.find(name);
  if (found == texts.end()) return false;
  value = string_node(found->second, value.origin);
  return true;
}

Node Intrinsics::parameter(const std::string& name, const Node& declared, const Origin& origin) {
  const std::string type = scalar_text(declared.find("Type"));
  const Node* standard = declared.find("Default");
  if (type.starts_with("AWS::SSM::Parameter::Value")) {
    return unresolved(name, origin,
                      fmt::format("The parameter {0} has its value in AWS's parameter store ({1}): "
                                  "give it with --substitute {0}=VALUE",
                                  name, scalar_text(standard)));
  }
  if (standard == nullptr) {
    return unresolved(
        name, origin,
        fmt::format("The parameter {0} has no default: give it with --substitute {0}=VALUE", name));
  }
  return parameter_value(name, declared, *standard);
}

Node Intrinsics::parameter_value(const std::string& name, const Node& declared, const Node& given) {
  const std::string type = scalar_text(declared.find("Type"));
  const std::string text = scalar_text(&given);
  if (type == "CommaDelimitedList" || type.starts_with("List<")) {
    Node list{.kind = Kind::kArray, .origin = given.origin};
    for (size_t at = 0; at <= text.size();) {
      const size_t comma = std::min(text.find(',', at), text.size());
      const size_t first = std::min(text.find_first_not_of(' ', at), comma);
      list.items.push_back(string_node(text.substr(first, comma - first), given.origin));
      at = comma + 1;
    }
    for (const Node& item : list.items) check_parameter(name, declared, item);
    return list;
  }
  check_parameter(name, declared, given);
  // A parameter of type String whose default is written as a number is that text.
  Node value = given;
  if (value.is_scalar() && type != "Number") value.kind = Kind::kString;
  return value;
}

void Intrinsics::check_parameter(const std::string& name, const Node& declared, const Node& value) {
  if (const std::string why = why_not_allowed(declared, scalar_text(&value)); !why.empty())
    refuse(declared.origin,
           fmt::format("The parameter {} is '{}', and {}", name, scalar_text(&value), why));
}

bool Intrinsics::is_sam_role(const std::string& name) const {
  constexpr std::string_view kRole = "Role";
  if (!name.ends_with(kRole)) return false;
  const Node* owner = resource(name.substr(0, name.size() - kRole.size()));
  const std::string type = owner == nullptr ? "" : scalar_text(owner->find("Type"));
  return type == "AWS::Serverless::Function" || type == "AWS::Serverless::StateMachine";
}

std::string Intrinsics::sam_alias(const std::string& name) {
  const size_t dot = std::min(name.find('.'), name.size());
  const std::string_view asked = std::string_view(name).substr(dot);
  if (asked != ".Alias" && asked != ".Version") return {};
  const Node* function = resource(name.substr(0, dot));
  if (function == nullptr || scalar_text(function->find("Type")) != "AWS::Serverless::Function")
    return {};
  const Node* alias = nullptr;
  if (const Node* properties = function->find("Properties"))
    alias = properties->find("AutoPublishAlias");
  if (const Node* global = section("Globals", "Function"); alias == nullptr && global != nullptr)
    alias = global->find("AutoPublishAlias");
  const std::string qualifier = text(alias, "AutoPublishAlias");
  if (qualifier.empty()) return {};
  const std::string own = name_of(name.substr(0, dot));
  return fill(resource_type("AWS::Lambda::Function")->attributes.at("Arn"), own) + ":" +
         (asked == ".Alias" ? qualifier : "1");
}

Node Intrinsics::ref(const std::string& name, const Origin& origin) {
  Node value{.origin = {origin.source, origin.offset, Style::kPoint}};
  const Node* declared = section("Parameters", name);
  if (const auto given = surroundings_.values.find(name); given != surroundings_.values.end()) {
    asked_for_.insert(name);
    const Node text = string_node(given->second, value.origin);
    return declared == nullptr ? text : parameter_value(name, *declared, text);
  }
  if (pseudo(name, value)) return value;
  if (declared != nullptr) return parameter(name, *declared, origin);
  const Node* found = resource(name);
  if (found == nullptr) {
    if (is_sam_role(name)) return string_node(name, value.origin);
    if (const std::string alias = sam_alias(name); !alias.empty())
      return string_node(alias, value.origin);
    return unknown(name, name, origin);
  }
  const ResourceType* type = resource_type(scalar_text(found->find("Type")));
  const std::string own = name_of(name);
  return string_node(type == nullptr ? own : fill(type->ref, own), value.origin);
}

template <typename Value, typename Compute>
Value Intrinsics::once(std::map<std::string, Known<Value>>& all, const std::string& name,
                       Compute compute) {
  if (const auto known = all.find(name); known != all.end()) {
    if (const auto& refusal = known->second.refusal) refuse_at(refusal->place, refusal->message);
    return known->second.value;
  }
  std::optional<Finding> before = take_refusal();
  Value value = compute();
  all[name] = {value, refusal_};
  if (before) refusal_ = std::move(before);
  return value;
}

std::string Intrinsics::name_of(const std::string& resource_name) {
  const std::string asked = "name of " + resource_name;
  if (open_.contains(asked)) return resource_name;  // a circle, of which Circles::refuse() tells
  return once(names_, resource_name, [&] {
    if (!open(asked, document_.origin)) return resource_name;
    std::string name = make_name(resource_name);
    open_.erase(asked);
    return name;
  });
}

bool Intrinsics::open(const std::string& asked, const Origin& origin) {
  if (open_.size() >= kOpenMax) {
    refuse(origin,
           fmt::format("More than {} names and conditions that ask for each other", kOpenMax));
    return false;
  }
  return open_.insert(asked).second;
}

std::string Intrinsics::make_name(const std::string& resource_name) {
  const Node* found = resource(resource_name);
  const std::string type_name = found == nullptr ? "" : scalar_text(found->find("Type"));
  const ResourceType* type = resource_type(type_name);
  const Node* properties = found == nullptr ? nullptr : found->find("Properties");
  if (type != nullptr && !type->name_property.empty() && properties != nullptr) {
    if (const Node* given = properties->find(type->name_property)) {
      std::string name = text(given, type->name_property);
      if (!name.empty()) return name;
    }
  }
  return type_name == "AWS::S3::Bucket" ? bucket_name(resource_name) : resource_name;
}

// What lies on Weft's port where a bucket of that name would.
constexpr std::string_view kOwnPaths[] = {"debugger", "info",      "lambda",
                                          "metrics",  "profiling", "telemetry"};

// In small letters, and of 3 to 63; a name that is too short, or a path of Weft's own, gets the
// stack's before it, as all have on AWS.
std::string Intrinsics::bucket_name(std::string name) const {
  constexpr size_t kLengthMin = 3, kLengthMax = 63;
  const auto lower = [](std::string& text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
  };
  lower(name);
  if (name.size() < kLengthMin || std::ranges::find(kOwnPaths, name) != std::end(kOwnPaths)) {
    std::string stack = surroundings_.stack_name;
    lower(stack);
    name = fmt::format("{}-{}", stack, name);
  }
  if (name.size() > kLengthMax) name.resize(kLengthMax);
  return name;
}

Node Intrinsics::attribute(const std::string& name, const std::string& attribute,
                           const Origin& origin) {
  const std::string whole = name + "." + attribute;
  if (const auto given = surroundings_.values.find(whole); given != surroundings_.values.end()) {
    asked_for_.insert(whole);
    return string_node(given->second, {origin.source, origin.offset, Style::kPoint});
  }
  const Node* found = resource(name);
  const bool role = found == nullptr && is_sam_role(name);
  if (found == nullptr && !role) return unknown(whole, name, origin);
  const std::string type_name = role ? "AWS::IAM::Role" : scalar_text(found->find("Type"));
  const ResourceType* type = resource_type(type_name);
  if (type != nullptr) {
    if (const auto known = type->attributes.find(attribute); known != type->attributes.end())
      return string_node(fill(known->second, name_of(name)),
                         {origin.source, origin.offset, Style::kPoint});
  }
  return unresolved(whole, origin,
                    fmt::format("The attribute {} of '{}' ({}) is known to AWS only: give it with "
                                "--substitute {}=VALUE",
                                attribute, name, type_name, whole));
}

bool Intrinsics::named_condition(const std::string& name, const Origin& origin) {
  const Node* found = section("Conditions", name);
  if (found == nullptr) {
    refuse(origin,
           fmt::format("There is no condition '{}' in the template; it counts as false", name));
    return false;
  }
  const std::string asked = "condition " + name;
  if (open_.contains(asked)) {
    refuse(origin, fmt::format("The condition '{}' asks for itself; it counts as false", name));
    return false;
  }
  return once(conditions_, name, [&] {
    if (!open(asked, origin)) return false;
    const bool holds = condition(*found);
    open_.erase(asked);
    return holds;
  });
}

bool Intrinsics::condition(const Node& node) {
  if (!node.is_object() || node.items.size() != 1) {
    if (node.kind == Kind::kBool) return node.text == "true";
    refuse(node.origin,
           fmt::format("This is no condition but {}; it counts as false", shown(node)));
    return false;
  }
  const std::string& function = node.names[0].text;
  const Node& argument = node.items[0];
  if (function == "Condition") return named_condition(scalar_text(&argument), argument.origin);
  const auto holds = [this](const Node& item) { return condition(item); };
  const bool several =
      argument.is_array() && argument.items.size() >= 2 && argument.items.size() <= 10;
  if (several && function == "Fn::And") return std::ranges::all_of(argument.items, holds);
  if (several && function == "Fn::Or") return std::ranges::any_of(argument.items, holds);
  if (argument.is_array() && function == "Fn::Not" && argument.items.size() == 1)
    return !condition(argument.items[0]);
  if (argument.is_array() && function == "Fn::Equals" && argument.items.size() == 2) {
    const Node left = evaluate(argument.items[0]);
    const Node right = evaluate(argument.items[1]);
    return to_json(left, "").text == to_json(right, "").text ||
           (left.is_scalar() && right.is_scalar() && left.text == right.text);
  }
  refuse(node.origin, fmt::format("This is no condition but {}; it counts as false", shown(node)));
  return false;
}

bool Intrinsics::is_made(const Node& declared) {
  const Node* name = declared.find("Condition");
  return name == nullptr || !name->is_scalar() || named_condition(name->text, name->origin);
}

}  // namespace weft::definitions
