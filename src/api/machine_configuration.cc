#include "api/machine_configuration.h"

#include <utility>

#include <fmt/format.h>

#include "api/members.h"
#include "arn/arn.h"

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

}  // namespace weft::api
