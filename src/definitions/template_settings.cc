#include "definitions/template_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace weft::definitions {
namespace {

// Reads the settings of one resource; `what` names it in findings: "state machine 'Orders'".
class Settings {
 public:
  Settings(Intrinsics& intrinsics, std::string what)
      : intrinsics_(intrinsics), what_(std::move(what)) {}

  TemplateLogging logging(const Node* declared, std::string_view name) {
    TemplateLogging logging;
    const Node all = object(declared, name);
    for (size_t i = 0; i < all.items.size(); ++i) {
      const std::string& member = all.names[i].text;
      const Node& value = all.items[i];
      if (value.unresolved) continue;
      if (member == "Level") {
        read_level(value, logging);
      } else if (member == "IncludeExecutionData") {
        logging.include_execution_data = truth(value, fmt::format("{}.{}", name, member));
      } else if (member == "Destinations") {
        read_destinations(value, name, logging);
      } else {
        ignore(all.names[i].origin, fmt::format("{}.{}", name, member));
      }
    }
    if (logging.level != "OFF" && logging.destinations.size() != 1) {
      intrinsics_.warn(declared->origin,
                       fmt::format("{} of the {} has the Level {} and {} Destinations, and AWS "
                                   "wants exactly one",
                                   name, what_, logging.level, logging.destinations.size()));
    }
    return logging;
  }

  bool tracing(const Node* declared, std::string_view name) {
    bool enabled = false;
    const Node all = object(declared, name);
    for (size_t i = 0; i < all.items.size(); ++i) {
      const std::string& member = all.names[i].text;
      if (all.items[i].unresolved) continue;
      if (member == "Enabled") {
        enabled = truth(all.items[i], fmt::format("{}.{}", name, member));
      } else {
        ignore(all.names[i].origin, fmt::format("{}.{}", name, member));
      }
    }
    return enabled;
  }

  // SAM: an object of names and values. CloudFormation: a list of {Key, Value}.
  TemplateTags tags(const Node* declared) {
    TemplateTags tags;
    if (declared == nullptr) return tags;
    const Node all = intrinsics_.evaluate(*declared);
    for (size_t i = 0; i < all.items.size(); ++i) {
      const Node& item = all.items[i];
      if (all.is_object()) {
        add_tag(all.names[i].text, item, tags);
        continue;
      }
      const Node* key = item.find("Key");
      const Node* value = item.find("Value");
      if (key == nullptr || !key->is_scalar() || value == nullptr) {
        refuse_tag(item);
      } else if (!key->unresolved) {
        add_tag(key->text, *value, tags);
      }
    }
    return tags;
  }

  std::string role(const Node* declared, std::string_view name) {
    if (declared == nullptr) return {};
    const Node role = intrinsics_.evaluate(*declared);
    if (role.unresolved) return {};
    if (role.is_string() && role.text.starts_with("arn:")) return role.text;
    intrinsics_.warn(declared->origin,
                     fmt::format("{} of the {} is no ARN of a role; it is left out", name, what_));
    return {};
  }

  void ignore(const Origin& origin, std::string_view name) {
    intrinsics_.warn(origin, fmt::format("{} of the {} does nothing here", name, what_));
  }

 private:
  void refuse_tag(const Node& tag) {
    intrinsics_.warn(
        tag.origin,
        fmt::format("A tag of the {} must have a name and a text; it is left out", what_));
  }

  void add_tag(const std::string& key, const Node& value, TemplateTags& tags) {
    if (!value.is_scalar()) return refuse_tag(value);
    if (!value.unresolved) tags.emplace_back(key, value.text);
  }

  Node object(const Node* declared, std::string_view name) {
    if (declared == nullptr) return {};
    Node all = intrinsics_.evaluate(*declared);
    if (all.is_object()) return all;
    if (!all.unresolved) {
      intrinsics_.warn(declared->origin,
                       fmt::format("{} of the {} must be an object; it is left out", name, what_));
    }
    return {};
  }

  void read_level(const Node& value, TemplateLogging& logging) {
    constexpr std::array<std::string_view, 4> kLevels = {"ALL", "ERROR", "FATAL", "OFF"};
    if (value.is_scalar() && std::ranges::find(kLevels, value.text) != kLevels.end()) {
      logging.level = value.text;
      return;
    }
    intrinsics_.warn(value.origin, fmt::format("The Level of the {} must be ALL, ERROR, FATAL or "
                                               "OFF; it is taken as OFF",
                                               what_));
  }

  bool truth(const Node& value, const std::string& name) {
    if (value.is_scalar() && (value.text == "true" || value.text == "false"))
      return value.text == "true";
    intrinsics_.warn(
        value.origin,
        fmt::format("{} of the {} must be true or false; it is taken as false", name, what_));
    return false;
  }

  void read_destinations(const Node& all, std::string_view name, TemplateLogging& logging) {
    for (const Node& one : all.items) {
      const Node* group = one.find("CloudWatchLogsLogGroup");
      const Node* arn = group == nullptr ? nullptr : group->find("LogGroupArn");
      if (arn != nullptr && arn->is_string()) {
        if (!arn->unresolved) logging.destinations.push_back(arn->text);
        continue;
      }
      intrinsics_.warn(one.origin, fmt::format("A destination of {} of the {} has no "
                                               "CloudWatchLogsLogGroup.LogGroupArn; it is left out",
                                               name, what_));
    }
  }

  Intrinsics& intrinsics_;
  const std::string what_;
};

void name_others(const Node& properties, std::initializer_list<std::string_view> known,
                 Settings& settings) {
  for (const Node::Name& name : properties.names) {
    if (std::ranges::find(known, name.text) == known.end()) settings.ignore(name.origin, name.text);
  }
}

}  // namespace

void read_settings(const Node& properties, bool sam, Intrinsics& intrinsics,
                   TemplateMachine& machine) {
  Settings settings(intrinsics, fmt::format("state machine '{}'", machine.resource));
  const std::string_view logging = sam ? "Logging" : "LoggingConfiguration";
  const std::string_view tracing = sam ? "Tracing" : "TracingConfiguration";
  const std::string_view role = sam ? "Role" : "RoleArn";
  if (const Node* said = properties.find(logging))
    machine.logging = settings.logging(said, logging);
  machine.tracing = settings.tracing(properties.find(tracing), tracing);
  machine.tags = settings.tags(properties.find("Tags"));
  machine.role_arn = settings.role(properties.find(role), role);
  if (sam) {
    // What SAM makes a role of does nothing, as the role does.
    name_others(properties,
                {"Name", "Type", "Definition", "DefinitionUri", "DefinitionSubstitutions", logging,
                 tracing, role, "Tags", "Policies", "PermissionsBoundary", "RolePath"},
                settings);
  } else {
    name_others(properties,
                {"StateMachineName", "StateMachineType", "Definition", "DefinitionString",
                 "DefinitionS3Location", "DefinitionSubstitutions", logging, tracing, role, "Tags"},
                settings);
  }
}

TemplateActivity read_activity(const std::string& resource, const Node& declared,
                               Intrinsics& intrinsics) {
  TemplateActivity activity{
      .resource = resource, .name = intrinsics.name_of(resource), .origin = declared.origin};
  const Node* properties = declared.find("Properties");
  if (properties == nullptr || !properties->is_object()) return activity;
  Settings settings(intrinsics, fmt::format("activity '{}'", resource));
  activity.tags = settings.tags(properties->find("Tags"));
  name_others(*properties, {"Name", "Tags"}, settings);
  return activity;
}

}  // namespace weft::definitions
