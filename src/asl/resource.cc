#include "asl/resource.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "asl/nearest.h"
#include "base/ascii.h"

namespace weft::asl {
namespace {

constexpr uint8_t kRequestResponse = 1;
constexpr uint8_t kSync = 2;
constexpr uint8_t kToken = 4;
constexpr uint8_t kSync2 = 8;

// An optimized integration: `api` is empty where the service has many; `patterns` is a set of the
// bits above.
struct Integration {
  std::string_view service;
  std::string_view api;
  uint8_t patterns;
};

constexpr std::array kIntegrations = {
    Integration{"apigateway", "invoke", kRequestResponse | kToken},
    Integration{"athena", "", kRequestResponse | kSync},
    Integration{"batch", "submitJob", kRequestResponse | kSync},
    Integration{"bedrock", "", kRequestResponse | kSync | kToken},
    Integration{"codebuild", "", kRequestResponse | kSync},
    Integration{"databrew", "", kRequestResponse | kSync},
    Integration{"dynamodb", "getItem", kRequestResponse},
    Integration{"dynamodb", "putItem", kRequestResponse},
    Integration{"dynamodb", "updateItem", kRequestResponse},
    Integration{"dynamodb", "deleteItem", kRequestResponse},
    Integration{"ecs", "runTask", kRequestResponse | kSync | kToken},
    Integration{"eks", "", kRequestResponse | kSync | kToken},
    Integration{"elasticmapreduce", "", kRequestResponse | kSync},
    Integration{"emr-containers", "", kRequestResponse | kSync},
    Integration{"emr-serverless", "", kRequestResponse | kSync},
    Integration{"events", "putEvents", kRequestResponse | kToken},
    Integration{"glue", "startJobRun", kRequestResponse | kSync},
    Integration{"http", "invoke", kRequestResponse},
    Integration{"lambda", "invoke", kRequestResponse | kToken},
    Integration{"mediaconvert", "createJob", kRequestResponse | kSync},
    Integration{"sagemaker", "", kRequestResponse | kSync},
    Integration{"sns", "publish", kRequestResponse | kToken},
    Integration{"sqs", "sendMessage", kRequestResponse | kToken},
    Integration{"states", "startExecution", kRequestResponse | kSync | kSync2 | kToken},
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == separator) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return parts;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return base::is_letter_or_digit(c) || c == '-' || c == '_' || c == '$' || c == '.';
  });
}

bool is_partition(std::string_view text) {
  return text == "aws" || text == "aws-cn" || text == "aws-us-gov";
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, base::is_digit);
}

// Cuts the pattern's suffix off `api`.
IntegrationPattern take_pattern(std::string_view& api) {
  const std::pair<std::string_view, IntegrationPattern> suffixes[] = {
      {".waitForTaskToken", IntegrationPattern::kWaitForTaskToken},
      {".sync:2", IntegrationPattern::kSync2},
      {".sync", IntegrationPattern::kSync},
  };
  for (const auto& [suffix, pattern] : suffixes) {
    if (api.ends_with(suffix)) {
      api.remove_suffix(suffix.size());
      return pattern;
    }
  }
  return IntegrationPattern::kRequestResponse;
}

uint8_t pattern_bit(IntegrationPattern pattern) {
  switch (pattern) {
    case IntegrationPattern::kRequestResponse:
      return kRequestResponse;
    case IntegrationPattern::kSync:
      return kSync;
    case IntegrationPattern::kSync2:
      return kSync2;
    case IntegrationPattern::kWaitForTaskToken:
      return kToken;
  }
  return 0;
}

// `tail` is what follows the account: "lambda:invoke.sync".
std::optional<TaskResource> parse_service(std::string_view arn, std::string_view tail) {
  TaskResource result{.kind = TaskResource::Kind::kService, .arn = std::string(arn)};
  const bool sdk = tail.starts_with("aws-sdk:");
  size_t colon = tail.find(':', sdk ? 8 : 0);
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  result.resource_type = std::string(tail.substr(0, colon));
  result.resource = std::string(tail.substr(colon + 1));
  std::string_view api = tail.substr(colon + 1);
  result.pattern = take_pattern(api);
  if (!is_name(api)) {
    return std::nullopt;
  }
  if (sdk) {
    bool lower = api[0] >= 'a' && api[0] <= 'z';
    bool legal = result.pattern == IntegrationPattern::kRequestResponse ||
                 result.pattern == IntegrationPattern::kWaitForTaskToken;
    return lower && legal && is_name(tail.substr(8, colon - 8)) ? std::optional(result)
                                                                : std::nullopt;
  }
  for (const Integration& known : kIntegrations) {
    if (known.service == result.resource_type && (known.api.empty() || known.api == api)) {
      return (known.patterns & pattern_bit(result.pattern)) ? std::optional(result) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string meant_resource(std::string_view arn, std::span<const std::string_view> actions) {
  const std::optional<std::string_view> action = service_action(arn);
  const std::string meant = action ? nearest(*action, actions) : "";
  if (meant.empty()) return {};
  return std::string(arn.substr(0, arn.size() - action->size())) + meant;
}

std::string meant_resource(std::string_view arn) {
  const std::pair<uint8_t, std::string_view> patterns[] = {
      {kRequestResponse, ""}, {kSync, ".sync"}, {kSync2, ".sync:2"}, {kToken, ".waitForTaskToken"}};
  std::vector<std::string> names;
  for (const Integration& known : kIntegrations) {
    if (known.api.empty()) continue;
    for (const auto& [bit, suffix] : patterns) {
      if ((known.patterns & bit) != 0)
        names.push_back(fmt::format("{}:{}{}", known.service, known.api, suffix));
    }
  }
  return meant_resource(arn, std::vector<std::string_view>(names.begin(), names.end()));
}

bool answered_by_token(const TaskResource& resource) {
  return resource.kind == TaskResource::Kind::kActivity ||
         resource.pattern == IntegrationPattern::kWaitForTaskToken;
}

std::optional<std::string_view> service_action(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() < 7 || parts[0] != "arn" || !is_partition(parts[1]) || parts[2] != "states") {
    return std::nullopt;
  }
  // Definitions that AWS hands out carry region and account; written ones mostly neither.
  const bool region = parts[3].empty() || is_name(parts[3]);
  const bool account = parts[4].empty() || is_account(parts[4]);
  if (!region || !account || parts[5] == "activity") {
    return std::nullopt;
  }
  return arn.substr(static_cast<size_t>(parts[5].data() - arn.data()));
}

std::optional<TaskResource> parse_resource(std::string_view arn) {
  if (std::optional<std::string_view> action = service_action(arn)) {
    return parse_service(arn, *action);
  }
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() < 7 || parts[0] != "arn" || !is_partition(parts[1])) {
    return std::nullopt;
  }
  const std::string_view region = parts[3];
  const std::string_view account = parts[4];
  const bool function = parts[2] == "lambda" && parts[5] == "function" && parts.size() <= 8;
  // AWS takes a function without Region and account, and with an account that is none; calling it
  // is what fails.
  const bool nowhere = function && region.empty() && account.empty();
  const bool somewhere = is_name(region) && (function ? is_name(account) : is_account(account));
  if ((!nowhere && !somewhere) || !is_name(parts[6])) {
    return std::nullopt;
  }
  if (function) {
    if (parts.size() == 8 && !is_name(parts[7])) {
      return std::nullopt;
    }
    return TaskResource{.kind = TaskResource::Kind::kLambdaFunction, .arn = std::string(arn)};
  }
  if (parts[2] == "states" && parts[5] == "activity" && parts.size() == 7) {
    return TaskResource{.kind = TaskResource::Kind::kActivity, .arn = std::string(arn)};
  }
  return std::nullopt;
}

}  // namespace weft::asl
