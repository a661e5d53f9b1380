#include "api/machine_configuration.h"

#include <utility>

#include <fmt/format.h>

#include "api/members.h"
#include "arn/arn.h"
#include "asl/compile.h"

namespace weft::api {
namespace {

std::unexpected<aws::Fault> bad_logging(std::string_view why) {
  return std::unexpected(aws::Fault(base::ErrorCode::kInvalidLoggingConfiguration,
                                    fmt::format("Invalid Logging Configuration: {}", why)));
}

std::unexpected<aws::Fault> bad_destinations(std::string_view what) {
  return std::unexpected(aws::Fault(
      base::ErrorCode::kSerialization,
      fmt::format("The member 'loggingConfiguration.destinations' of the request must be {}",
                  what)));
}

// "arn:aws:logs:eu-west-1:1:log-group:NAME:*"
bool is_log_group(std::string_view text) {
  const arn::ArnParts parts = arn::arn_parts(text);
  return parts.prefix == "arn" && parts.service == "logs" && parts.kind == "log-group" &&
         !parts.machine.empty() && parts.name == "*";
}

}  // namespace

std::expected<records::LoggingConfiguration, aws::Fault> logging_configuration(json::Value value) {
  records::LoggingConfiguration logging;
  if (!value.is_object()) return logging;  // its type was checked with the other members'
  Members members(value);
  const auto level = members.one_of("level", {"ALL", "FATAL", "OFF", "ERROR"});
  logging.include_execution_data = members.flag("includeExecutionData", false);
  if (auto ok = members.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
  if (level) logging.level = *history::parse_logging_level(*level);
  const json::Value destinations = value.find("destinations");
  if (destinations.is_array()) {
    std::vector<std::string>& groups = logging.destinations.emplace();
    for (size_t i = 0; i < destinations.size(); ++i) {
      const json::Value group =
          destinations.item(i).find("cloudWatchLogsLogGroup").find("logGroupArn");
      if (!group.is_string())
        return bad_destinations("a list of {\"cloudWatchLogsLogGroup\":{\"logGroupArn\":ARN}}");
      if (!is_log_group(group.as_string())) return bad_logging("Log Destination not found.");
      groups.emplace_back(group.as_string());
    }
  } else if (!destinations.is_undefined() && !destinations.is_null()) {
    return bad_destinations("a list");
  }
  const size_t count = logging.destinations ? logging.destinations->size() : 0;
  const bool needs_one = logging.level != history::LoggingLevel::kOff;
  if (count > 1 || (needs_one && count == 0))
    return bad_logging("Must specify exactly one Log Destination.");
  return logging;
}

std::expected<void, aws::Fault> check_encryption(json::Value configuration) {
  if (configuration.is_undefined()) return {};
  const json::Value type = configuration.find("type");
  if (type.is_string() && type.as_string() == "AWS_OWNED_KEY") return {};
  return std::unexpected(aws::Fault::named(
      "InvalidEncryptionConfiguration",
      fmt::format("Invalid Encryption Configuration: 'the type is {}, Weft has AWS_OWNED_KEY only'",
                  type.is_string() ? type.as_string() : "missing")));
}

Versioning read_versioning(Members& in) {
  return {.publish = in.flag("publish", false),
          .described = in.optional("versionDescription", 256, 0).has_value()};
}

std::expected<void, aws::Fault> check_versioning(const Versioning& versioning) {
  const auto refuse = [](std::string_view why) {
    return std::unexpected(aws::Fault(base::ErrorCode::kInvalidArgument, std::string(why)));
  };
  if (versioning.publish)
    return refuse("Weft has no state machine versions yet: publish must be false");
  if (versioning.described)
    return refuse("Version description can only be set when publish is true");
  return {};
}

void add_machine_configuration(const records::LoggingConfiguration& logging, aws::Answer& answer,
                               json::Arena& arena) {
  aws::Answer shown(arena);
  shown.text("level", history::to_string(logging.level))
      .flag("includeExecutionData", logging.include_execution_data);
  if (logging.destinations) {
    json::ArrayBuilder groups(arena);
    for (const std::string& group : *logging.destinations) {
      groups.push(aws::Answer(arena)
                      .value("cloudWatchLogsLogGroup",
                             aws::Answer(arena).text("logGroupArn", group).finish())
                      .finish());
    }
    shown.value("destinations", groups.finish());
  }
  answer.value("loggingConfiguration", shown.finish())
      .value("tracingConfiguration", aws::Answer(arena).flag("enabled", false).finish())
      .value("encryptionConfiguration", aws::Answer(arena).text("type", "AWS_OWNED_KEY").finish());
}

void add_variable_references(const base::Text& definition, bool express, aws::Answer& answer,
                             json::Arena& arena) {
  const auto compiled = asl::compile(definition, {.express = express});
  if (!compiled.program) return;
  aws::Answer states(arena);
  bool any = false;
  for (const auto& [state, variables] : asl::variable_references(*compiled.program)) {
    json::ArrayBuilder names(arena);
    for (const std::string& name : variables) names.push(json::Value::string(name, arena));
    states.value(state, names.finish());
    any = true;
  }
  if (any) answer.value("variableReferences", states.finish());
}

}  // namespace weft::api
