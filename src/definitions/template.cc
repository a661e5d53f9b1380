#include "definitions/template.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "definitions/intrinsics.h"
#include "definitions/resource_types.h"
#include "definitions/template_functions.h"
#include "definitions/yaml.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

// Reads the state machines of a template.
class Machines {
 public:
  Machines(const Surroundings& surroundings, Intrinsics& intrinsics)
      : surroundings_(surroundings), intrinsics_(intrinsics) {}

  TemplateMachine read(const std::string& resource, const Node& declared) {
    TemplateMachine machine{
        .resource = resource, .name = intrinsics_.name_of(resource), .origin = declared.origin};
    const Node* properties = declared.find("Properties");
    if (properties == nullptr || !properties->is_object()) {
      intrinsics_.warn(declared.origin,
                       fmt::format("The state machine '{}' has no Properties", resource));
      return machine;
    }
    const bool sam = scalar_text(declared.find("Type")) == "AWS::Serverless::StateMachine";
    machine.express = intrinsics_.text(properties->find(sam ? "Type" : "StateMachineType"),
                                       "The type of a state machine") == "EXPRESS";
    machine.substitutions = substitutions(properties->find("DefinitionSubstitutions"));
    read_definition_of(*properties, machine);
    for (const std::string_view name : {"Events", "AutoPublishAlias", "DeploymentPreference"}) {
      if (const Node* said = properties->find(name))
        intrinsics_.warn(said->origin, fmt::format("{} of the state machine '{}' does nothing here",
                                                   name, resource));
    }
    return machine;
  }

 private:
  Substitutions substitutions(const Node* declared) {
    Substitutions values;
    if (declared == nullptr) return values;
    const Node all = intrinsics_.evaluate(*declared);
    if (!all.is_object()) {
      intrinsics_.warn(declared->origin, "DefinitionSubstitutions must be an object");
      return values;
    }
    for (size_t i = 0; i < all.items.size(); ++i) {
      const std::string& name = all.names[i].text;
      if (all.items[i].is_scalar()) {
        // What could not be had is its own placeholder, and would be filled in for ever.
        if (all.items[i].text != fmt::format("${{{}}}", name)) values[name] = all.items[i].text;
      } else {
        intrinsics_.warn(all.items[i].origin,
                         fmt::format("The substitution '{}' must be a text", name));
      }
    }
    for (const auto& [name, value] : surroundings_.values) values[name] = value;
    return values;
  }

  void read_definition_of(const Node& properties, TemplateMachine& machine) {
    const Node* found = nullptr;
    std::string_view kind;
    for (const std::string_view name :
         {"DefinitionUri", "Definition", "DefinitionString", "DefinitionS3Location"}) {
      const Node* here = properties.find(name);
      if (here == nullptr) continue;
      if (found != nullptr) {
        intrinsics_.warn(here->origin,
                         fmt::format("The state machine '{}' has both {} and {}; the first counts",
                                     machine.resource, kind, name));
        continue;
      }
      found = here;
      kind = name;
    }
    if (found == nullptr) {
      intrinsics_.warn(properties.origin,
                       fmt::format("The state machine '{}' has no definition", machine.resource));
      return;
    }
    const Node value = intrinsics_.evaluate(*found);
    if (kind == "DefinitionString") {
      from_text(value, machine);
    } else if (kind == "Definition" && value.is_object()) {
      auto json = std::make_shared<Source>(
          to_json(value, value.origin.source ? value.origin.source->name : ""));
      machine.definition = read_definition(json, Format::kJson, machine.substitutions);
    } else if (kind != "Definition" && value.is_string()) {
      from_file(value, machine);
    } else if (kind != "Definition" && value.is_object()) {
      intrinsics_.warn(
          found->origin,
          fmt::format("The definition of '{}' lies in S3 (s3://{}/{}), which Weft does not read: "
                      "name a local file",
                      machine.resource, scalar_text(value.find("Bucket")),
                      scalar_text(value.find("Key"))));
    } else {
      intrinsics_.warn(found->origin, fmt::format("{} of '{}' must be {}", kind, machine.resource,
                                                  kind == "Definition" ? "an object" : "a path"));
    }
  }

  void from_text(const Node& value, TemplateMachine& machine) {
    if (!value.is_string()) {
      intrinsics_.warn(value.origin,
                       fmt::format("DefinitionString of '{}' must be a text", machine.resource));
      return;
    }
    auto text = std::make_shared<Source>(
        Source{.name = value.origin.source ? value.origin.source->name : "",
               .text = value.text,
               .pieces = value.text_pieces()});
    machine.definition = read_definition(text, Format::kJson, machine.substitutions);
  }

  void from_file(const Node& path, TemplateMachine& machine) {
    machine.definition_file = path.text;
    if (path.unresolved) return;  // named already
    if (path.text.starts_with("s3://") || path.text.starts_with("https://")) {
      intrinsics_.warn(path.origin,
                       fmt::format("The definition of '{}' lies in S3 ({}), which Weft does not "
                                   "read: name a local file",
                                   machine.resource, path.text));
      return;
    }
    auto text = surroundings_.read_file(path.text);
    if (!text) {
      intrinsics_.warn(path.origin, fmt::format("The definition of '{}' cannot be had: {}",
                                                machine.resource, text.error().message));
      return;
    }
    machine.definition = read_definition(file_source(path.text, std::move(*text)), Format::kEither,
                                         machine.substitutions);
  }

  const Surroundings& surroundings_;
  Intrinsics& intrinsics_;
};

void note_nested(const std::string& resource, const std::string& type, const Node& declared,
                 Intrinsics& intrinsics) {
  if (type != "AWS::CloudFormation::Stack" && type != "AWS::Serverless::Application") return;
  intrinsics.warn(declared.origin,
                  fmt::format("'{}' is a template of its own ({}): run or validate that file by "
                              "itself",
                              resource, type));
}

}  // namespace

bool is_template(const Node& document) {
  const Node* resources = document.find("Resources");
  return document.is_object() && resources != nullptr && resources->is_object() &&
         document.find("States") == nullptr;
}

Template read_template(const Node& document, const Surroundings& surroundings,
                       std::vector<Finding> findings) {
  Template all;
  Intrinsics intrinsics(document, surroundings);
  Machines machines(surroundings, intrinsics);
  const Functions functions(document, intrinsics);
  const Node& resources = *document.find("Resources");
  for (size_t i = 0; i < resources.items.size(); ++i) {
    const std::string& name = resources.names[i].text;
    const Node& declared = resources.items[i];
    if (name.starts_with("Fn::")) {
      intrinsics.warn(resources.names[i].origin,
                      fmt::format("{} is not evaluated: what it makes is not seen here", name));
      continue;
    }
    const std::string type = scalar_text(declared.find("Type"));
    if (type.empty()) {
      intrinsics.warn(resources.names[i].origin,
                      fmt::format("The resource '{}' has no Type", name));
      continue;
    }
    if (!intrinsics.is_made(declared)) continue;
    const Origin& origin = resources.names[i].origin;
    if (is_state_machine(type)) {
      all.machines.push_back(machines.read(name, declared));
      all.machines.back().origin = origin;
    } else if (is_function(type)) {
      all.functions.push_back(functions.read(name, declared));
      all.functions.back().origin = origin;
    } else if (type == "AWS::S3::Bucket") {
      all.buckets.push_back({name, intrinsics.name_of(name), origin});
    } else {
      all.others.push_back({name, type, origin});
      note_nested(name, type, declared, intrinsics);
    }
  }
  all.findings = std::move(findings);
  std::ranges::move(intrinsics.take_findings(), std::back_inserter(all.findings));
  std::ranges::sort(all.findings, {}, [](const Finding& finding) {
    return std::tie(finding.place.line, finding.place.column, finding.message);
  });
  return all;
}

}  // namespace weft::definitions
