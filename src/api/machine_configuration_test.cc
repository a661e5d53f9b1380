#include "api/machine_configuration.h"

#include <array>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "json/parse.h"

namespace weft::api {
namespace {

// "" where a configuration is taken, else the name of the error and what it says.
std::string said(const aws::Fault& fault) {
  return fmt::format("{}: {}", aws::aws_name(fault), fault.error.message);
}
std::string judged(std::string_view member, std::string_view text) {
  json::Arena arena;
  const json::Value value = *json::parse(text, arena);
  if (member == "tracing") {
    const auto read = tracing_configuration(value);
    return read ? "" : said(read.error());
  }
  if (member == "logging") {
    const auto read = logging_configuration(value);
    return read ? "" : said(read.error());
  }
  const auto checked = check_encryption(value);
  return checked ? "" : said(checked.error());
}

TEST(Configuration, MembersOfWrongTypesOrValues_AreRefused) {
  constexpr std::string_view kArn = R"("arn:aws:logs:us-east-1:1:log-group:g:*")";
  const auto wrong = [](std::string_view member, std::string_view expected) {
    return fmt::format("SerializationException: The member '{}' of the request must be {}", member,
                       expected);
  };
  const auto invalid = [](std::string_view value, std::string_view member, std::string_view why) {
    return fmt::format(
        "ValidationException: 1 validation error detected: Value {} at '{}' failed to satisfy "
        "constraint: Member must {}",
        value, member, why);
  };
  const auto group = [](std::string_view arn) {
    return fmt::format(R"({{"destinations":[{{"cloudWatchLogsLogGroup":{{"logGroupArn":{}}}}}]}})",
                       arn);
  };
  const std::string kDestination = "loggingConfiguration.destinations.1.member";
  const std::string kReuse = "encryptionConfiguration.kmsDataKeyReusePeriodSeconds";
  for (const auto& [member, value, answer] : std::to_array<std::array<std::string, 3>>(
           {{"logging", "{}", ""},
            {"logging", group(kArn), ""},
            {"logging", R"({"level":7})", wrong("loggingConfiguration.level", "a string")},
            {"logging", R"({"includeExecutionData":"yes"})",
             wrong("loggingConfiguration.includeExecutionData", "true or false")},
            {"logging", R"({"destinations":"x"})",
             wrong("loggingConfiguration.destinations", "an array")},
            {"logging", R"({"destinations":["x"]})", wrong(kDestination, "an object")},
            {"logging", R"({"destinations":[{"cloudWatchLogsLogGroup":"x"}]})",
             wrong(kDestination + ".cloudWatchLogsLogGroup", "an object")},
            {"logging", group("1"),
             wrong(kDestination + ".cloudWatchLogsLogGroup.logGroupArn", "a string")},
            {"logging", R"({"destinations":[{}]})",
             "InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not "
             "found."},
            {"tracing", R"({"enabled":true})", ""},
            {"tracing", R"({"enabled":1})", wrong("tracingConfiguration.enabled", "true or false")},
            {"encryption", R"({"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":60})", ""},
            {"encryption", R"({"type":1})", wrong("encryptionConfiguration.type", "a string")},
            {"encryption", R"({"type":"AWS_OWNED_KEY","kmsKeyId":{}})",
             wrong("encryptionConfiguration.kmsKeyId", "a string")},
            {"encryption", R"({"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":59})",
             invalid("'59'", kReuse, "have value greater than or equal to 60")},
            {"encryption", R"({"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":"60"})",
             wrong(kReuse, "a whole number")},
            {"encryption", "{}", invalid("null", "encryptionConfiguration.type", "not be null")},
            {"encryption", R"({"type":"MINE"})",
             invalid("'MINE'", "encryptionConfiguration.type",
                     "satisfy enum value set: [AWS_OWNED_KEY, CUSTOMER_MANAGED_KMS_KEY]")},
            {"encryption", R"({"type":"CUSTOMER_MANAGED_KMS_KEY"})",
             "InvalidEncryptionConfiguration: Invalid Encryption Configuration: 'the type is "
             "CUSTOMER_MANAGED_KMS_KEY, Weft has AWS_OWNED_KEY only'"}}))
    EXPECT_EQ(judged(member, value), answer) << member << " " << value;
}

}  // namespace
}  // namespace weft::api
