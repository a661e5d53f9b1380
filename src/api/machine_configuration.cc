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
  Members members(value, "loggingConfiguration.");
  const auto level = members.one_of("level", {"ALL", "FATAL", "OFF", "ERROR"});
  logging.include_execution_data = members.flag("includeExecutionData", false);
  const json::Value destinations = members.objects("destinations");
  if (auto ok = members.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
  if (level) logging.level = *history::parse_logging_level(*level);
  if (destinations.is_array()) logging.destinations.emplace();
  for (uint32_t i = 0; i < destinations.size(); ++i) {
    const std::string place = fmt::format("loggingConfiguration.destinations.{}.member.", i + 1);
    Members destination(destinations.item(i), place);
    const json::Value found = destination.object("cloudWatchLogsLogGroup");
    if (auto ok = destination.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
    Members group(found, place + "cloudWatchLogsLogGroup.");
    const auto arn = group.optional("logGroupArn", 256);
    if (auto ok = group.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
    if (!arn || !is_log_group(*arn)) return bad_logging("Log Destination not found.");
    logging.destinations->emplace_back(*arn);
  }
  const bool needs_one = logging.level != history::LoggingLevel::kOff;
  if (destinations.size() > 1 || (needs_one && destinations.size() == 0))
    return bad_logging("Must specify exactly one Log Destination.");
  return logging;
}

std::expected<void, aws::Fault> check_encryption(json::Value configuration) {
  if (!configuration.is_object()) return {};  // its type was checked with the other members'
  constexpr std::string_view kOwned = "AWS_OWNED_KEY";
  Members members(configuration, "encryptionConfiguration.");
  members.optional("kmsKeyId", 2048);
  members.optional_whole("kmsDataKeyReusePeriodSeconds", 900, 60);
  const auto type = members.required_one_of("type", {kOwned, "CUSTOMER_MANAGED_KMS_KEY"});
  if (auto ok = members.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
  if (type == kOwned) return {};
  return std::unexpected(aws::Fault::named(
      "InvalidEncryptionConfiguration",
      fmt::format("Invalid Encryption Configuration: 'the type is {}, Weft has {} only'", type,
                  kOwned)));
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

std::expected<void, aws::Fault> check_role(std::string_view role_arn) {
  const arn::ArnParts parts = arn::arn_parts(role_arn);
  constexpr std::string_view kRole = "role/";
  if (parts.prefix == "arn" && !parts.partition.empty() && parts.service == "iam" &&
      !parts.account.empty() && parts.kind.starts_with(kRole) && parts.kind.size() > kRole.size())
    return {};
  return std::unexpected(
      aws::Fault(base::ErrorCode::kInvalidArn, fmt::format("Invalid Role Arn: '{}'", role_arn)));
}

base::Result<std::optional<bool>> tracing_configuration(json::Value value) {
  if (!value.is_object()) return std::nullopt;
  Members members(value, "tracingConfiguration.");
  const bool enabled = members.flag("enabled", false);
  if (auto ok = members.check(); !ok) return std::unexpected(ok.error());
  return enabled;
}

void add_machine_configuration(const records::MachineSettings& settings, aws::Answer& answer,
                               json::Arena& arena) {
  const records::LoggingConfiguration& logging = settings.logging;
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
      .value("tracingConfiguration", aws::Answer(arena).flag("enabled", settings.tracing).finish())
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
