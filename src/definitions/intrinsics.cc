#include "definitions/intrinsics.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/limits.h"
#include "definitions/resource_types.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

Node bool_node(bool value, const Origin& origin) {
  return {.kind = Kind::kBool, .text = value ? "true" : "false", .origin = origin};
}

}  // namespace

Intrinsics::Intrinsics(const Node& document, const Surroundings& surroundings)
    : document_(document), surroundings_(surroundings) {}

void Intrinsics::warn_at(const Place& place, std::string message) {
  const std::string where =
      fmt::format("{}:{}:{}", place.source ? place.source->name : "", place.line, place.column);
  if (!said_.emplace(where, message).second) return;
  findings_.push_back({Finding::Severity::kWarning, place, std::move(message)});
}

void Intrinsics::warn(const Origin& origin, std::string message) {
  warn_at(place_of(origin), std::move(message));
}

Node Intrinsics::unresolved(const std::string& what, const Origin& origin, std::string message) {
  warn(origin, std::move(message));
  Node node =
      string_node(fmt::format("${{{}}}", what), {origin.source, origin.offset, Style::kPoint});
  node.unresolved = true;
  return node;
}

Node Intrinsics::misused(const std::string& function, const Origin& origin,
                         std::string_view expected) {
  return unresolved(function, origin, fmt::format("{} must be given {}", function, expected));
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
    warn(node->origin, fmt::format("{} must be a text", what));
  return {};
}

Node Intrinsics::call(const std::string& function, const Node& argument, const Node& whole) {
  if (function == "Ref") return ref(scalar_text(&argument), argument.origin);
  if (function == "Fn::GetAtt") return get_att(argument);
  if (function == "Fn::Sub") return sub(argument);
  if (function == "Fn::Join") return join(argument);
  if (function == "Fn::Select") return select(argument);
  if (function == "Fn::Split") return split(argument);
  if (function == "Fn::FindInMap") return find_in_map(argument);
  if (function == "Fn::If") return choose(argument);
  if (function == "Fn::GetAZs") return zones(argument);
  if (function == "Fn::Equals" || function == "Fn::And" || function == "Fn::Or" ||
      function == "Fn::Not") {
    return bool_node(condition(whole), argument.origin);
  }
  if (function == "Fn::ToJsonString") {
    const Node value = evaluate(argument);
    Source json = to_json(value, "");
    Node out = string_node(std::move(json.text), argument.origin);
    out.pieces = std::move(json.pieces);
    out.unresolved = value.unresolved;
    return out;
  }
  if (function == "Fn::Length") {
    const Node value = evaluate(argument);
    if (!value.is_array()) return misused(function, argument.origin, "a list");
    return {.kind = Kind::kNumber,
            .text = std::to_string(value.items.size()),
            .origin = argument.origin};
  }
  return unresolved(function, argument.origin,
                    fmt::format("{} is not evaluated: its value is known to AWS only", function));
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
  Node value = *standard;
  if (type == "CommaDelimitedList" || type.starts_with("List<")) {
    Node list{.kind = Kind::kArray, .origin = standard->origin};
    const std::string text = scalar_text(standard);
    for (size_t at = 0; at <= text.size();) {
      const size_t comma = std::min(text.find(',', at), text.size());
      const size_t first = std::min(text.find_first_not_of(' ', at), comma);
      list.items.push_back(string_node(text.substr(first, comma - first), standard->origin));
      at = comma + 1;
    }
    return list;
  }
  // A parameter of type String whose default is written as a number is that text.
  if (value.is_scalar() && type != "Number") value.kind = Kind::kString;
  return value;
}

Node Intrinsics::ref(const std::string& name, const Origin& origin) {
  Node value{.origin = {origin.source, origin.offset, Style::kPoint}};
  if (const auto given = surroundings_.values.find(name); given != surroundings_.values.end())
    return string_node(given->second, value.origin);
  if (pseudo(name, value)) return value;
  if (const Node* declared = section("Parameters", name)) return parameter(name, *declared, origin);
  const Node* found = resource(name);
  if (found == nullptr) {
    // SAM makes a role for each function and state machine that names none.
    constexpr std::string_view kRole = "Role";
    if (name.ends_with(kRole) && resource(name.substr(0, name.size() - kRole.size())) != nullptr)
      return string_node(name, value.origin);
    // And an API for events of the types Api and HttpApi.
    if (name == "ServerlessRestApi" || name == "ServerlessHttpApi") {
      return unresolved(name, origin,
                        fmt::format("The id of {0} is known to AWS only: give it with --substitute "
                                    "{0}=VALUE",
                                    name));
    }
    return unresolved(
        name, origin,
        fmt::format("There is no parameter and no resource '{}' in the template", name));
  }
  const ResourceType* type = resource_type(scalar_text(found->find("Type")));
  const std::string own = name_of(name);
  return string_node(type == nullptr ? own : fill(type->ref, own), value.origin);
}

std::string Intrinsics::name_of(const std::string& resource_name) {
  const Node* found = resource(resource_name);
  const ResourceType* type =
      found == nullptr ? nullptr : resource_type(scalar_text(found->find("Type")));
  const Node* properties = found == nullptr ? nullptr : found->find("Properties");
  if (type != nullptr && !type->name_property.empty() && properties != nullptr) {
    const Node* given = properties->find(type->name_property);
    if (given != nullptr && open_.insert("name of " + resource_name).second) {
      const std::string name = text(given, fmt::format("{}", type->name_property));
      open_.erase("name of " + resource_name);
      if (!name.empty()) return name;
    }
  }
  std::string name = resource_name;
  // A bucket's name has no capitals.
  if (found != nullptr && scalar_text(found->find("Type")) == "AWS::S3::Bucket")
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
  return name;
}

Node Intrinsics::attribute(const std::string& name, const std::string& attribute,
                           const Origin& origin) {
  const std::string whole = name + "." + attribute;
  if (const auto given = surroundings_.values.find(whole); given != surroundings_.values.end())
    return string_node(given->second, {origin.source, origin.offset, Style::kPoint});
  const Node* found = resource(name);
  constexpr std::string_view kRole = "Role";
  const bool role = found == nullptr && name.ends_with(kRole) &&
                    resource(name.substr(0, name.size() - kRole.size())) != nullptr;
  if (found == nullptr && !role)
    return unresolved(whole, origin,
                      fmt::format("There is no resource '{}' in the template", name));
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

Node Intrinsics::get_att(const Node& argument) {
  std::string name;
  std::string what;
  if (argument.is_string()) {
    const size_t dot = argument.text.find('.');
    name = argument.text.substr(0, dot);
    what = dot == std::string::npos ? "" : argument.text.substr(dot + 1);
  } else if (argument.is_array() && argument.items.size() >= 2) {
    name = scalar_text(&argument.items[0]);
    for (size_t i = 1; i < argument.items.size(); ++i)
      what += (i > 1 ? "." : "") + text(&argument.items[i], "The attribute of Fn::GetAtt");
  }
  if (name.empty() || what.empty())
    return misused("Fn::GetAtt", argument.origin, "a resource and one of its attributes");
  return attribute(name, what, argument.origin);
}

Node Intrinsics::sub(const Node& argument) {
  const Node* pattern = &argument;
  const Node* values = nullptr;
  if (argument.is_array() && argument.items.size() == 2) {
    pattern = &argument.items[0];
    values = &argument.items[1];
  }
  if (!pattern->is_scalar() || (values != nullptr && !values->is_object()))
    return misused("Fn::Sub", argument.origin, "a text, or a list of a text and an object");
  const std::string& text = pattern->text;
  Node out{.kind = Kind::kString, .origin = pattern->origin};
  const auto literal = [&](size_t from, size_t to) {
    if (from == to) return;
    out.pieces.push_back({.at = out.text.size(),
                          .origin = pattern->origin,
                          .skip = from,
                          .advances = pattern->origin.style != Style::kPoint});
    out.text += std::string_view(text).substr(from, to - from);
  };
  size_t copied = 0;
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) break;
    literal(copied, at);
    copied = end + 1;
    std::string name = text.substr(at + 2, end - at - 2);
    const Place here = place_of(pattern->origin, at);
    if (name.starts_with('!')) {  // ${!Name} is a literal ${Name}
      out.pieces.push_back(
          {.at = out.text.size(), .origin = pattern->origin, .skip = at, .advances = false});
      out.text += "${" + name.substr(1) + "}";
      continue;
    }
    name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
    name.resize(name.find_last_not_of(' ') + 1);
    // Findings of what the placeholder names stand where the placeholder does.
    Origin origin = pattern->origin;
    if (here.source)
      origin = {here.source, offset_of(here.source->text, here.line, here.column), Style::kPoint};
    const size_t dot = name.find('.');
    Node value;
    if (const Node* own = values == nullptr ? nullptr : values->find(name)) {
      value = evaluate(*own);
    } else if (dot == std::string::npos) {
      value = ref(name, origin);
    } else {
      value = attribute(name.substr(0, dot), name.substr(dot + 1), origin);
    }
    out.unresolved |= value.unresolved;
    out.pieces.push_back({.at = out.text.size(), .origin = origin, .advances = false});
    if (value.is_scalar()) {
      out.text += value.text;
    } else {
      warn(origin, fmt::format("${{{}}} must be a text to stand in one", name));
    }
  }
  literal(copied, text.size());
  return out;
}

Node Intrinsics::join(const Node& argument) {
  const bool formed = argument.is_array() && argument.items.size() == 2;
  const Node list = formed ? evaluate(argument.items[1]) : Node{};
  if (!formed || !argument.items[0].is_scalar() || !list.is_array()) {
    if (list.unresolved) return list;
    return misused("Fn::Join", argument.origin, "a separator and a list");
  }
  const std::string& separator = argument.items[0].text;
  Node out{.kind = Kind::kString, .origin = argument.origin};
  for (size_t i = 0; i < list.items.size(); ++i) {
    const Node& item = list.items[i];
    if (i > 0 && !separator.empty()) {
      out.pieces.push_back(
          {.at = out.text.size(), .origin = argument.items[0].origin, .advances = false});
      out.text += separator;
    }
    out.unresolved |= item.unresolved;
    if (!item.is_scalar()) {
      warn(item.origin, "An item of Fn::Join must be a text");
      continue;
    }
    for (Piece piece : item.text_pieces()) {
      piece.at += out.text.size();
      out.pieces.push_back(std::move(piece));
    }
    out.text += item.text;
  }
  return out;
}

Node Intrinsics::select(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 2)
    return misused("Fn::Select", argument.origin, "an index and a list");
  const std::string index_text = text(&argument.items[0], "The index of Fn::Select");
  const Node list = evaluate(argument.items[1]);
  if (list.unresolved && !list.is_array()) return list;
  size_t index = 0;
  const auto [end, error] =
      std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
  if (error != std::errc() || end != index_text.data() + index_text.size() || !list.is_array() ||
      index >= list.items.size()) {
    return misused("Fn::Select", argument.origin, "an index that its list has");
  }
  return list.items[index];
}

Node Intrinsics::split(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 2 || !argument.items[0].is_scalar() ||
      argument.items[0].text.empty()) {
    return misused("Fn::Split", argument.origin, "a separator and a text");
  }
  const Node value = evaluate(argument.items[1]);
  if (!value.is_scalar()) return misused("Fn::Split", argument.origin, "a separator and a text");
  const std::string& separator = argument.items[0].text;
  const Origin point{value.origin.source, value.origin.offset, Style::kPoint};
  Node out{.kind = Kind::kArray, .origin = argument.origin, .unresolved = value.unresolved};
  for (size_t at = 0;;) {
    const size_t end = std::min(value.text.find(separator, at), value.text.size());
    Node part = string_node(value.text.substr(at, end - at), point);
    part.unresolved = value.unresolved;
    out.items.push_back(std::move(part));
    if (end == value.text.size()) return out;
    at = end + separator.size();
  }
}

Node Intrinsics::find_in_map(const Node& argument) {
  if (!argument.is_array() || argument.items.size() < 3)
    return misused("Fn::FindInMap", argument.origin, "a map, a first and a second key");
  std::string keys[3];
  for (size_t i = 0; i < 3; ++i) keys[i] = text(&argument.items[i], "A key of Fn::FindInMap");
  const Node* found = section("Mappings", keys[0]);
  if (found != nullptr) found = found->find(keys[1]);
  if (found != nullptr) found = found->find(keys[2]);
  if (found != nullptr) return evaluate(*found);
  if (argument.items.size() > 3) {
    if (const Node* standard = argument.items[3].find("DefaultValue")) return evaluate(*standard);
  }
  return unresolved(
      keys[0] + "." + keys[1] + "." + keys[2], argument.origin,
      fmt::format("The template's Mappings have no {}.{}.{}", keys[0], keys[1], keys[2]));
}

Node Intrinsics::choose(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 3 || !argument.items[0].is_scalar())
    return misused("Fn::If", argument.origin, "a condition's name and two values");
  const bool holds = named_condition(argument.items[0].text, argument.items[0].origin);
  return evaluate(argument.items[holds ? 1 : 2]);
}

Node Intrinsics::zones(const Node& argument) {
  std::string region = text(&argument, "The region of Fn::GetAZs");
  if (region.empty()) region = surroundings_.home.region;
  Node out{.kind = Kind::kArray, .origin = argument.origin};
  const Origin point{argument.origin.source, argument.origin.offset, Style::kPoint};
  for (const char zone : {'a', 'b', 'c'}) out.items.push_back(string_node(region + zone, point));
  return out;
}

bool Intrinsics::named_condition(const std::string& name, const Origin& origin) {
  const Node* found = section("Conditions", name);
  if (found == nullptr) {
    warn(origin,
         fmt::format("There is no condition '{}' in the template; it counts as false", name));
    return false;
  }
  if (!open_.insert("condition " + name).second) {
    warn(origin, fmt::format("The condition '{}' asks for itself; it counts as false", name));
    return false;
  }
  const bool holds = condition(*found);
  open_.erase("condition " + name);
  return holds;
}

bool Intrinsics::condition(const Node& node) {
  if (!node.is_object() || node.items.size() != 1) {
    if (node.kind == Kind::kBool) return node.text == "true";
    warn(node.origin, "This is no condition; it counts as false");
    return false;
  }
  const std::string& function = node.names[0].text;
  const Node& argument = node.items[0];
  if (function == "Condition") return named_condition(scalar_text(&argument), argument.origin);
  const auto holds = [this](const Node& item) { return condition(item); };
  if (argument.is_array() && function == "Fn::And")
    return std::ranges::all_of(argument.items, holds);
  if (argument.is_array() && function == "Fn::Or")
    return std::ranges::any_of(argument.items, holds);
  if (argument.is_array() && function == "Fn::Not" && argument.items.size() == 1)
    return !condition(argument.items[0]);
  if (argument.is_array() && function == "Fn::Equals" && argument.items.size() == 2) {
    const Node left = evaluate(argument.items[0]);
    const Node right = evaluate(argument.items[1]);
    return to_json(left, "").text == to_json(right, "").text ||
           (left.is_scalar() && right.is_scalar() && left.text == right.text);
  }
  warn(node.origin, fmt::format("{} is no condition; it counts as false", function));
  return false;
}

bool Intrinsics::is_made(const Node& declared) {
  const Node* name = declared.find("Condition");
  return name == nullptr || !name->is_scalar() || named_condition(name->text, name->origin);
}

}  // namespace weft::definitions
