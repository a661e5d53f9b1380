#include <array>

#include <fmt/format.h>

#include "asl/instrumentation.h"

namespace weft::asl {
namespace {

using json::Value;

enum class Carrier { kAttributes, kAttributesOfEntries, kDetailOfEntries };

struct Sender {
  std::string_view service;  // behind "arn:aws:states:::"
  Carrier carrier;
  std::string_view entries;  // the member that holds them
};

constexpr std::array kSenders = {
    Sender{"sqs:sendMessage", Carrier::kAttributes, ""},
    Sender{"sns:publish", Carrier::kAttributes, ""},
    Sender{"events:putEvents", Carrier::kDetailOfEntries, "Entries"},
    Sender{"aws-sdk:sqs:sendMessage", Carrier::kAttributes, ""},
    Sender{"aws-sdk:sqs:sendMessageBatch", Carrier::kAttributesOfEntries, "Entries"},
    Sender{"aws-sdk:sns:publish", Carrier::kAttributes, ""},
    Sender{"aws-sdk:sns:publishBatch", Carrier::kAttributesOfEntries, "PublishBatchRequestEntries"},
};

constexpr std::string_view kInputGoesAlong =
    "the execution's input goes along, as in the JSONPath form for functions";

bool has(Value fields, const std::string& name) {
  return !fields.find(name).is_undefined() || !fields.find(name + ".$").is_undefined();
}

}  // namespace

bool Instrumentation::messages(Value state, const std::string& pointer, std::string_view service,
                               bool jsonata) {
  service = service.substr(0, service.find('.'));  // .waitForTaskToken
  if (service == "aws-sdk:eventbridge:putEvents") {
    refuse("of calls by aws-sdk Detail is a text; use events:putEvents");
    return true;
  }
  for (const Sender& sender : kSenders) {
    if (sender.service != service) continue;
    const std::string name = jsonata ? "Arguments" : "Parameters";
    const Value fields = state.find(name);
    if (!fields.is_object()) {
      refuse(jsonata ? "Arguments is not an object" : "it has no Parameters object to add to");
    } else if (sender.carrier == Carrier::kAttributes) {
      message(fields, pointer + "/" + name, jsonata);
    } else {
      entries(fields, pointer + "/" + name, sender.entries, jsonata,
              sender.carrier == Carrier::kDetailOfEntries);
    }
    return true;
  }
  return false;
}

void Instrumentation::entries(Value fields, const std::string& pointer, std::string_view member,
                              bool jsonata, bool events) {
  const Value list = fields.find(member);
  if (!fields.find(std::string(member) + ".$").is_undefined()) {
    return refuse(fmt::format("{}.$ is a path", member));
  }
  if (!list.is_array()) return refuse(fmt::format("{} is not an array", member));
  for (size_t i = 0; i < list.size(); ++i) {
    const Value entry = list.item(i);
    const std::string place = fmt::format("{}/{}/{}", pointer, member, i);
    entry_ = fmt::format("{}[{}]: ", member, i);
    if (!entry.is_object()) {
      refuse("it is not an object");
    } else if (events) {
      event(entry, place, jsonata);
    } else {
      message(entry, place, jsonata);
    }
  }
  entry_.clear();
}

void Instrumentation::message(Value fields, const std::string& pointer, bool jsonata) {
  if (has(fields, "PhoneNumber")) return refuse("a text message to a phone carries no trace");
  if (fields.find("MessageStructure").as_string() == "json") {
    return refuse("SNS sends no attributes where MessageStructure is json");
  }
  const Value attributes = fields.find("MessageAttributes");
  if (attributes.is_object() && attributes.size() >= kAttributesMax &&
      !has(attributes, "_datadog")) {
    return refuse(fmt::format("MessageAttributes has {} attributes; a queue takes {}",
                              attributes.size(), kAttributesMax));
  }
  if (jsonata) return jsonata_value(fields, pointer, "MessageAttributes", Made::kAttribute);
  path_attributes(fields, pointer);
}

void Instrumentation::path_attributes(Value fields, const std::string& pointer) {
  const Value attributes = fields.find("MessageAttributes");
  if (!fields.find("MessageAttributes.$").is_undefined()) {
    return refuse("MessageAttributes.$ is a path");
  }
  if (attributes.is_undefined()) {
    add(pointer, "MessageAttributes", fmt::format("{{\"_datadog\": {}}}", path_attribute()));
  } else if (!attributes.is_object()) {
    return refuse("MessageAttributes is not an object");
  } else if (!attributes.find("_datadog.$").is_undefined()) {
    return found(attributes.find("_datadog.$"), "MessageAttributes");
  } else if (const Value given = attributes.find("_datadog"); !given.is_undefined()) {
    return found(given, "MessageAttributes");
  } else {
    add(pointer + "/MessageAttributes", "_datadog", path_attribute());
  }
  note(false, std::string(kInputGoesAlong));
}

void Instrumentation::event(Value entry, const std::string& pointer, bool jsonata) {
  const Value detail = entry.find("Detail");
  if (!entry.find("Detail.$").is_undefined()) return refuse("Detail.$ is a path");
  if (detail.is_undefined()) return refuse("it has no Detail");
  if (jsonata) return jsonata_value(entry, pointer, "Detail", Made::kCaller);
  if (!detail.is_object()) return refuse("Detail is not an object");
  for (const std::string_view name : {"_datadog", "_datadog.$"}) {
    if (const Value given = detail.find(name); !given.is_undefined()) return found(given, "Detail");
  }
  add(pointer + "/Detail", "_datadog.$", quoted(kContextPath));
  note(false, std::string(kInputGoesAlong));
}

}  // namespace weft::asl
