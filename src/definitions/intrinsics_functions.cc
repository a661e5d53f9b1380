#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "base/limits.h"
#include "definitions/intrinsics.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

// Bytes that a function may make: functions that name each other make a great deal of little.
constexpr size_t kTextMax = 2 * base::kDefinitionBytesMax;
// Functions whose values only AWS knows.
constexpr std::string_view kOfAws[] = {"Fn::Base64", "Fn::Cidr", "Fn::ImportValue", "Fn::Transform",
                                       "Fn::GetStackOutput"};
constexpr std::string_view kEvaluated[] = {
    "Ref",       "Fn::GetAtt",    "Fn::Sub",    "Fn::Join",   "Fn::Select",
    "Fn::Split", "Fn::FindInMap", "Fn::If",     "Fn::GetAZs", "Fn::And",
    "Fn::Or",    "Fn::Not",       "Fn::Equals", "Fn::Length", "Fn::ToJsonString"};

// Their names are compared without what they share: that would make all short ones alike.
std::string_view without_prefix(std::string_view function) {
  constexpr std::string_view kPrefix = "Fn::";
  return function.starts_with(kPrefix) ? function.substr(kPrefix.size()) : function;
}

std::string_view nearest_function(std::string_view function) {
  std::array<std::string_view, std::size(kEvaluated)> names;
  std::ranges::transform(kEvaluated, names.begin(), without_prefix);
  const std::string near = asl::nearest(without_prefix(function), names);
  const auto* const at = std::ranges::find(names, near);
  return at == names.end() ? "" : kEvaluated[at - names.begin()];
}

Node bool_node(bool value, const Origin& origin) {
  return {.kind = Kind::kBool, .text = value ? "true" : "false", .origin = origin};
}

}  // namespace

Node Intrinsics::call(const std::string& function, const Node& argument, const Node& whole) {
  if (function == "Ref") {
    if (!argument.is_scalar())
      return misused("Ref", argument, "the name of a parameter or resource");
    return ref(argument.text, argument.origin);
  }
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
    if (!value.is_array()) return misused(function, value, "a list");
    return {.kind = Kind::kNumber,
            .text = std::to_string(value.items.size()),
            .origin = argument.origin};
  }
  if (std::ranges::find(kOfAws, function) != std::end(kOfAws) ||
      function.starts_with("Fn::ForEach")) {
    return unresolved(function, argument.origin,
                      fmt::format("{} is not evaluated: its value is known to AWS only", function));
  }
  const std::string_view near = nearest_function(function);
  return refused(function, argument.origin,
                 fmt::format("CloudFormation has no function {}{}", function,
                             near.empty() ? "" : fmt::format("; did you mean {}?", near)));
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
    return misused("Fn::GetAtt", argument, "a resource and one of its attributes");
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
    return misused("Fn::Sub", argument, "a text, or a list of a text and an object");
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
    if (name.starts_with('!')) {  // ${!Name} is a literal ${Name}
      out.pieces.push_back(
          {.at = out.text.size(), .origin = pattern->origin, .skip = at, .advances = false});
      out.text += "${" + name.substr(1) + "}";
      continue;
    }
    name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
    name.resize(name.find_last_not_of(' ') + 1);
    // Findings of what the placeholder names stand where the placeholder does.
    const Origin origin = origin_of(pattern->origin, at);
    const size_t dot = name.find('.');
    Node value;
    if (const Node* own = values == nullptr ? nullptr : values->find(name)) {
      value = evaluate(*own);
    } else if (dot == std::string::npos || !sam_alias(name).empty()) {
      value = ref(name, origin);
    } else {
      value = attribute(name.substr(0, dot), name.substr(dot + 1), origin);
    }
    out.unresolved |= value.unresolved;
    out.pieces.push_back({.at = out.text.size(), .origin = origin, .advances = false});
    if (out.text.size() > kTextMax) break;
    if (value.is_scalar()) {
      out.text += value.text;
    } else {
      refuse(origin,
             fmt::format("${{{}}} must be a text to stand in one, not {}", name, shown(value)));
    }
  }
  literal(copied, text.size());
  return bounded("Fn::Sub", std::move(out));
}

Node Intrinsics::join(const Node& argument) {
  const bool formed = argument.is_array() && argument.items.size() == 2;
  const Node list = formed ? evaluate(argument.items[1]) : Node{};
  if (!formed || !argument.items[0].is_scalar() || !list.is_array()) {
    if (list.unresolved) return list;
    return misused("Fn::Join", argument, "a separator and a list");
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
      refuse(item.origin, fmt::format("An item of Fn::Join must be a text, not {}", shown(item)));
      continue;
    }
    for (Piece piece : item.text_pieces()) {
      piece.at += out.text.size();
      out.pieces.push_back(std::move(piece));
    }
    out.text += item.text;
    if (out.text.size() > kTextMax) break;
  }
  return bounded("Fn::Join", std::move(out));
}

Node Intrinsics::select(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 2)
    return misused("Fn::Select", argument, "an index and a list");
  const std::string index_text = text(&argument.items[0], "The index of Fn::Select");
  const Node list = evaluate(argument.items[1]);
  if (list.unresolved && !list.is_array()) return list;
  size_t index = 0;
  const auto [end, error] =
      std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
  if (error != std::errc() || end != index_text.data() + index_text.size() || !list.is_array() ||
      index >= list.items.size()) {
    return misused("Fn::Select", argument, "an index that its list has, and the list");
  }
  return list.items[index];
}

Node Intrinsics::split(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 2 || !argument.items[0].is_scalar() ||
      argument.items[0].text.empty()) {
    return misused("Fn::Split", argument, "a separator and a text");
  }
  const Node value = evaluate(argument.items[1]);
  if (!value.is_scalar()) return misused("Fn::Split", argument, "a separator and a text");
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
  const size_t given = argument.is_array() ? argument.items.size() : 0;
  const Node* standard = given == 4 ? argument.items[3].find("DefaultValue") : nullptr;
  if (given != 3 && standard == nullptr) {
    return misused("Fn::FindInMap", argument,
                   "a map, a first and a second key, perhaps {\"DefaultValue\":VALUE}");
  }
  std::string keys[3];
  bool unresolved_key = false;
  for (size_t i = 0; i < 3; ++i) {
    const Node key = evaluate(argument.items[i]);
    if (!key.is_scalar()) return misused("Fn::FindInMap", argument, "three texts");
    keys[i] = key.text;
    unresolved_key |= key.unresolved;
  }
  const Node* found = section("Mappings", keys[0]);
  if (found != nullptr) found = found->find(keys[1]);
  if (found != nullptr) found = found->find(keys[2]);
  if (found != nullptr && (found->is_scalar() || found->is_array())) return *found;
  if (found != nullptr)
    return misused("Fn::FindInMap", *found, "keys that lead to a text or a list in the Mappings");
  if (standard != nullptr) return evaluate(*standard);
  const std::string whole = fmt::format("{}.{}.{}", keys[0], keys[1], keys[2]);
  std::string message = fmt::format("The template's Mappings have no {}", whole);
  return unresolved_key ? unresolved(whole, argument.origin, std::move(message))
                        : refused(whole, argument.origin, std::move(message));
}

const Node* Intrinsics::branch(const Node& argument) {
  if (!argument.is_array() || argument.items.size() != 3 || !argument.items[0].is_scalar())
    return nullptr;
  const bool holds = named_condition(argument.items[0].text, argument.items[0].origin);
  return &argument.items[holds ? 1 : 2];
}

Node Intrinsics::choose(const Node& argument) {
  const Node* chosen = branch(argument);
  return chosen == nullptr ? misused("Fn::If", argument, "a condition's name and two values")
                           : evaluate(*chosen);
}

Node Intrinsics::zones(const Node& argument) {
  std::string region = text(&argument, "The region of Fn::GetAZs");
  if (region.empty()) region = surroundings_.home.region;
  Node out{.kind = Kind::kArray, .origin = argument.origin};
  const Origin point{argument.origin.source, argument.origin.offset, Style::kPoint};
  for (const char zone : {'a', 'b', 'c'}) out.items.push_back(string_node(region + zone, point));
  return out;
}

Node Intrinsics::bounded(const std::string& function, Node made) {
  if (made.text.size() <= kTextMax) return made;
  return refused(function, made.origin,
                 fmt::format("{} makes a text of more than {} bytes", function, kTextMax));
}

}  // namespace weft::definitions
