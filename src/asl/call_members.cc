#include "asl/call_members.h"

#include <algorithm>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/nearest.h"

namespace weft::asl {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kInvoke[] = {"ClientContext", "FunctionName", "InvocationType",
                                        "LogType",       "Payload",      "Qualifier"};
constexpr std::string_view kInvokeOpen[] = {"DurableExecutionName", "TenantId"};
constexpr std::string_view kStart[] = {"Input", "Name", "StateMachineArn", "TraceHeader"};
constexpr std::string_view kStartOpen[] = {"IncludedData"};
constexpr std::string_view kTaskSuccess[] = {"Output", "TaskToken"};
constexpr std::string_view kTaskFailure[] = {"Cause", "Error", "TaskToken"};
constexpr std::string_view kTaskHeartbeat[] = {"TaskToken"};
constexpr std::string_view kHttp[] = {"ApiEndpoint",      "Authentication", "Headers",
                                      "InvocationConfig", "Method",         "QueryParameters",
                                      "RequestBody",      "Transform"};
constexpr std::string_view kHttpConnection[] = {"ConnectionArn"};
constexpr std::string_view kHttpTransform[] = {"RequestBodyEncoding", "RequestEncodingOptions"};
constexpr std::string_view kHttpEncoding[] = {"ArrayFormat"};
constexpr std::string_view kGetObject[] = {"Bucket", "Key", "VersionId"};
constexpr std::string_view kGetObjectOpen[] = {
    "ChecksumMode", "ExpectedBucketOwner",  "IfMatch",        "IfModifiedSince",
    "IfNoneMatch",  "IfUnmodifiedSince",    "PartNumber",     "Range",
    "RequestPayer", "SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"};
constexpr std::string_view kList[] = {"Bucket", "Prefix"};
constexpr std::string_view kListOpen[] = {"ContinuationToken",   "Delimiter",  "EncodingType",
                                          "ExpectedBucketOwner", "FetchOwner", "MaxKeys",
                                          "RequestPayer",        "StartAfter"};
constexpr std::string_view kPut[] = {"Bucket", "Prefix"};
constexpr std::string_view kPutOpen[] = {"ACL", "ExpectedBucketOwner", "SSEKMSKeyId",
                                         "ServerSideEncryption", "StorageClass"};

// The members of an object in the parameters of a call: `within` is "" or its slash path there.
struct Members {
  std::string_view call;
  std::string_view within;
  Names known;
  Names open{};  // AWS follows them, this version does not
};

constexpr Members kMembers[] = {
    {"lambda:invoke", "", kInvoke, kInvokeOpen},
    {"states:startExecution", "", kStart},
    {"aws-sdk:sfn:startExecution", "", kStart},
    {"aws-sdk:sfn:startSyncExecution", "", kStart, kStartOpen},
    {"aws-sdk:sfn:sendTaskSuccess", "", kTaskSuccess},
    {"aws-sdk:sfn:sendTaskFailure", "", kTaskFailure},
    {"aws-sdk:sfn:sendTaskHeartbeat", "", kTaskHeartbeat},
    {"http:invoke", "", kHttp},
    {"http:invoke", "Authentication", kHttpConnection},
    {"http:invoke", "InvocationConfig", kHttpConnection},
    {"http:invoke", "Transform", kHttpTransform},
    {"http:invoke", "Transform/RequestEncodingOptions", kHttpEncoding},
    {"s3:getObject", "", kGetObject, kGetObjectOpen},
    {"s3:listObjectsV2", "", kList, kListOpen},
    {"s3:putObject", "", kPut, kPutOpen},
};

bool has(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// The object at a slash path; undefined when there is none.
json::Value object_at(json::Value value, std::string_view within) {
  while (!within.empty()) {
    const size_t slash = std::min(within.find('/'), within.size());
    value = value.find(within.substr(0, slash));
    within.remove_prefix(std::min(slash + 1, within.size()));
  }
  return value;
}

Path path_at(Path at, std::string_view within) {
  while (!within.empty()) {
    const size_t slash = std::min(within.find('/'), within.size());
    at = at.member(within.substr(0, slash));
    within.remove_prefix(std::min(slash + 1, within.size()));
  }
  return at;
}

// AWS: page "Passing parameters to a service API", which has the words for a wrong member.
std::string not_known(std::string_view name) {
  return fmt::format("The field '{}' is not supported by Step Functions", name);
}

std::string not_followed(std::string_view call, std::string_view name) {
  return fmt::format("The field '{}' of {} is not supported yet: leave it out", name, call);
}

void check_members_of(StateContext& context, const Members& members, const json::Value& object,
                      const Path& at) {
  Compilation& compilation = context.compilation();
  for (size_t i = 0; i < object.size(); ++i) {
    const std::string_view written = object.key(i);
    const bool computed = !context.jsonata() && written.ends_with(".$");
    const std::string_view name = computed ? written.substr(0, written.size() - 2) : written;
    if (has(members.known, name)) continue;
    if (has(members.open, name)) {
      compilation.error_about(at, written, not_followed(members.call, name), kUnsupportedFeature);
      continue;
    }
    compilation.error_about(at, written, not_known(written));
    const std::string meant = nearest(name, members.known);
    compilation.hint(meant.empty() || !computed ? meant : meant + ".$");
  }
}

}  // namespace

std::string call_name(const TaskResource& resource) {
  if (resource.kind != TaskResource::Kind::kService) return {};
  const std::string_view api = resource.resource;
  return fmt::format("{}:{}", resource.resource_type, api.substr(0, api.find('.')));
}

void check_call_members(StateContext& context, const json::Value& written, const Path& at,
                        std::string_view call) {
  // What an earlier version accepted stays readable; its calls are refused when they are made.
  if (context.compilation().options().stored) return;
  for (const Members& members : kMembers) {
    if (members.call != call) continue;
    const json::Value object = object_at(written, members.within);
    if (object.is_object()) {
      check_members_of(context, members, object, path_at(at, members.within));
    }
  }
}

std::string unusable_member(std::string_view call, const json::Value& parameters) {
  for (const Members& members : kMembers) {
    if (members.call != call) continue;
    const json::Value object = object_at(parameters, members.within);
    if (!object.is_object()) continue;
    for (size_t i = 0; i < object.size(); ++i) {
      const std::string_view name = object.key(i);
      if (has(members.known, name)) continue;
      return has(members.open, name) ? not_followed(call, name) : not_known(name);
    }
  }
  return {};
}

}  // namespace weft::asl
