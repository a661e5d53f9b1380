#include "definitions/template.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "definitions/circles.h"
#include "definitions/intrinsics.h"
#include "definitions/resource_types.h"
#include "definitions/template_functions.h"
#include "definitions/template_settings.h"
#include "definitions/yaml.h"

namespace weft::definitions {
namespace {

using Kind = Node::Kind;

// Reads the state machines of a template.
class Machines {
 public:
  Machines(const Node& document, const Surroundings& surroundings, Intrinsics& intrinsics)
      : surroundings_(surroundings), intrinsics_(intrinsics), circles_(document, intrinsics) {}

  TemplateMachine read(const std::string& resource, const Node& declared) {
    TemplateMachine machine = read_needed(resource, declared);
    // It runs without these: what is wrong with them refuses nothing.
    if (const Node* properties = declared.find("Properties"); is_object(properties))
      read_settings(*properties, is_sam(declared), intrinsics_, machine);
    return machine;
  }

  // Whether a definition has a place for the value of that name.
  bool fills(const std::string& name) const { return filled_.contains(name); }

 private:
  static bool is_sam(const Node& declared) {
    return scalar_text(declared.find("Type")) == "AWS::Serverless::StateMachine";
  }

  static bool is_object(const Node* node) { return node != nullptr && node->is_object(); }

  TemplateMachine read_needed(const std::string& resource, const Node& declared) {
    const Intrinsics::Needed needed(intrinsics_);
    circles_.refuse(resource);
    TemplateMachine machine{
        .resource = resource, .name = intrinsics_.name_of(resource), .origin = declared.origin};
    const Node* properties = declared.find("Properties");
    if (!is_object(properties)) {
      intrinsics_.warn(declared.origin,
                       fmt::format("The state machine '{}' has no Properties", resource));
      return machine;
    }
    read_type(properties->find(is_sam(declared) ? "Type" : "StateMachineType"), machine);
    machine.substitutions = substitutions(properties->find("DefinitionSubstitutions"));
    read_definition_of(*properties, machine);
    return machine;
  }

  void read_type(const Node* declared, TemplateMachine& machine) {
    const std::string type = intrinsics_.text(declared, "The type of a state machine");
    machine.express = type == "EXPRESS";
    if (declared != nullptr && !type.empty() && type != "EXPRESS" && type != "STANDARD") {
      intrinsics_.refuse(
          declared->origin,
          fmt::format("The type of a state machine must be STANDARD or EXPRESS, not {}", type));
    }
  }

  Substitutions substitutions(const Node* declared) {
    if (declared == nullptr) return surroundings_.values;
    Substitutions values;
    const Node all = intrinsics_.evaluate(*declared);
    if (!all.is_object()) {
      intrinsics_.refuse(
          declared->origin,
          fmt::format("DefinitionSubstitutions must be an object, not {}", shown(all)));
      return values;
    }
    for (size_t i = 0; i < all.items.size(); ++i) {
      const std::string& name = all.names[i].text;
      if (all.items[i].is_scalar()) {
        // What could not be had is its own placeholder, and would be filled in for ever.
        filled_.insert(name);
        if (all.items[i].text != fmt::format("${{{}}}", name)) values[name] = all.items[i].text;
      } else {
        intrinsics_.refuse(
            all.items[i].origin,
            fmt::format("The substitution '{}' must be a text, not {}", name, shown(all.items[i])));
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
        intrinsics_.refuse(here->origin,
                           fmt::format("The state machine '{}' has both {} and {}; only one of "
                                       "them may be there",
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
      define(json, Format::kJson, machine);
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
      intrinsics_.refuse(found->origin,
                         fmt::format("{} of '{}' must be {}, not {}", kind, machine.resource,
                                     kind == "Definition" ? "an object" : "a path", shown(value)));
    }
  }

  void from_text(const Node& value, TemplateMachine& machine) {
    if (!value.is_string()) {
      intrinsics_.refuse(value.origin,
                         fmt::format("DefinitionString of '{}' must be a text, not {}",
                                     machine.resource, shown(value)));
      return;
    }
    auto text = std::make_shared<Source>(
        Source{.name = value.origin.source ? value.origin.source->name : "",
               .text = value.text,
               .pieces = value.text_pieces()});
    define(text, Format::kJson, machine);
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
    define(file_source(path.text, std::move(*text)), Format::kEither, machine);
  }

  void define(const std::shared_ptr<const Source>& source, Format format,
              TemplateMachine& machine) {
    for (const auto& [name, value] : surroundings_.values) {
      if (source->text.find("${" + name + "}") != std::string::npos) filled_.insert(name);
    }
    machine.definition = read_definition(source, format, machine.substitutions);
  }

  const Surroundings& surroundings_;
  Intrinsics& intrinsics_;
  Circles circles_;
  std::set<std::string> filled_;
};

bool is_made(const Node& declared, bool needed, Intrinsics& intrinsics) {
  if (!needed) return intrinsics.is_made(declared);
  const Intrinsics::Needed scope(intrinsics);
  return intrinsics.is_made(declared);
}

void note_nested(const std::string& resource, const std::string& type, const Node& declared,
                 Intrinsics& intrinsics) {
  if (type != "AWS::CloudFormation::Stack" && type != "AWS::Serverless::Application") return;
  intrinsics.warn(declared.origin,
                  fmt::format("'{}' is a template of its own ({}): run or validate that file by "
                              "itself",
                              resource, type));
}

// Values that were given to nothing: a name that is mistyped says so.
void note_unused_values(const Node& document, const Surroundings& surroundings,
                        const Machines& machines, Intrinsics& intrinsics) {
  const Node* parameters = document.find("Parameters");
  for (const auto& [name, value] : surroundings.values) {
    const Node& resources = *document.find("Resources");
    if (resources.find(name.substr(0, name.find('.'))) != nullptr) continue;
    const bool declared = parameters != nullptr && parameters->find(name) != nullptr;
    if (declared || name.starts_with("AWS::") || intrinsics.was_asked_for(name) ||
        machines.fills(name))
      continue;
    std::vector<std::string_view> known;
    for (size_t i = 0; parameters != nullptr && i < parameters->names.size(); ++i)
      known.emplace_back(parameters->names[i].text);
    const std::string meant = asl::nearest(name, known);
    intrinsics.warn(
        parameters == nullptr ? document.origin : parameters->origin,
        fmt::format("The template has no parameter and no ${{{0}}} for --substitute "
                    "{0}{1}",
                    name, meant.empty() ? "" : fmt::format("; did you mean {}?", meant)));
  }
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
  Machines machines(document, surroundings, intrinsics);
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
    if (!is_made(declared, is_state_machine(type), intrinsics)) continue;
    const Origin& origin = resources.names[i].origin;
    if (is_state_machine(type)) {
      all.machines.push_back(machines.read(name, declared));
      all.machines.back().origin = origin;
    } else if (is_function(type)) {
      all.functions.push_back(functions.read(name, declared));
      all.functions.back().origin = origin;
    } else if (type == "AWS::S3::Bucket") {
      all.buckets.push_back({name, intrinsics.name_of(name), origin});
    } else if (type == "AWS::StepFunctions::Activity") {
      all.activities.push_back(read_activity(name, declared, intrinsics));
      all.activities.back().origin = origin;
    } else {
      all.others.push_back({name, type, origin});
      note_nested(name, type, declared, intrinsics);
    }
  }
  note_unused_values(document, surroundings, machines, intrinsics);
  all.findings = std::move(findings);
  std::ranges::move(intrinsics.take_findings(), std::back_inserter(all.findings));
  std::ranges::sort(all.findings, {}, [](const Finding& finding) {
    return std::tie(finding.place.line, finding.place.column, finding.message);
  });
  return all;
}

}  // namespace weft::definitions
