#include "definitions/circles.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::definitions {
namespace {

// Properties of which SAM makes resources of their own beside the function or state machine.
bool is_made_beside(const Node& properties, std::string_view name) {
  constexpr std::string_view kBeside[] = {"Events", "DeploymentPreference", "EventInvokeConfig",
                                          "FunctionUrlConfig", "Connectors"};
  if (std::ranges::find(kBeside, name) != std::end(kBeside)) return true;
  // They go into the role that is made when none is named, and the resource waits for that.
  return name == "Policies" && properties.find("Role") != nullptr;
}

}  // namespace

const Node* Circles::resource(const std::string& name) const {
  const Node* all = document_.find("Resources");
  return all == nullptr ? nullptr : all->find(name);
}

void Circles::refuse(const std::string& first) {
  struct Frame {
    std::string resource;
    std::vector<Reference> references;
    size_t next = 0;
  };
  std::vector<Frame> path;
  const auto enter = [&](const std::string& name) {
    const Node* declared = resource(name);
    if (declared != nullptr && seen_.insert(name).second)
      path.push_back({name, references_of(*declared)});
  };
  enter(first);
  while (!path.empty()) {
    Frame& frame = path.back();
    if (frame.next == frame.references.size()) {
      path.pop_back();
      continue;
    }
    const Reference& reference = frame.references[frame.next++];
    const auto closed = std::ranges::find(path, reference.to, &Frame::resource);
    if (closed == path.end()) {
      enter(std::string(reference.to));
      continue;
    }
    std::vector<std::string> names;
    for (auto one = closed; one != path.end(); ++one) names.push_back(one->resource);
    names.push_back(reference.to);
    return intrinsics_.refuse(
        reference.origin,
        fmt::format("A circle of resources that wait for each other: {}; a resource must not refer "
                    "to one that refers to it",
                    fmt::join(names, " -> ")));
  }
}

std::vector<Circles::Reference> Circles::references_of(const Node& declared) {
  std::vector<Reference> all;
  const bool sam = scalar_text(declared.find("Type")).starts_with("AWS::Serverless::");
  if (const Node* properties = declared.find("Properties"); properties && properties->is_object()) {
    for (size_t i = 0; i < properties->items.size(); ++i) {
      if (!sam || !is_made_beside(*properties, properties->names[i].text))
        add_references(properties->items[i], all);
    }
  }
  if (const Node* before = declared.find("DependsOn")) {
    if (before->is_scalar()) all.push_back({before->text, before->origin});
    for (const Node& one : before->items) all.push_back({scalar_text(&one), one.origin});
  }
  return all;
}

void Circles::add_references(const Node& value, std::vector<Reference>& all) {
  if (value.is_object() && value.items.size() == 1) {
    const std::string& function = value.names[0].text;
    const Node& argument = value.items[0];
    if (function == "Ref" && argument.is_scalar())
      return all.push_back({argument.text, argument.origin});
    if (function == "Fn::GetAtt") {
      const Node* name =
          argument.is_array() && !argument.items.empty() ? &argument.items[0] : &argument;
      const std::string text = scalar_text(name);
      return all.push_back({text.substr(0, text.find('.')), name->origin});
    }
    if (function == "Fn::Sub") return add_placeholders(argument, all);
    if (function == "Fn::If") {
      if (const Node* chosen = intrinsics_.branch(argument)) add_references(*chosen, all);
      return;
    }
  }
  for (const Node& item : value.items) add_references(item, all);
}

void Circles::add_placeholders(const Node& argument, std::vector<Reference>& all) {
  const bool pair = argument.is_array() && argument.items.size() == 2;
  const Node& pattern = pair ? argument.items[0] : argument;
  const Node* values = pair ? &argument.items[1] : nullptr;
  if (values != nullptr) add_references(*values, all);
  const std::string text = scalar_text(&pattern);
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) return;
    const std::string whole = text.substr(at + 2, end - at - 2);
    if (values != nullptr && values->find(whole) != nullptr) continue;
    all.push_back({whole.substr(0, whole.find('.')), origin_of(pattern.origin, at)});
  }
}

}  // namespace weft::definitions
