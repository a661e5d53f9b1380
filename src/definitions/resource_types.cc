#include "definitions/resource_types.h"

#include <string>

namespace weft::definitions {
namespace {

using Types = std::map<std::string_view, ResourceType>;

constexpr std::string_view kName = "{name}";
constexpr std::string_view kLambda = "arn:{partition}:lambda:{region}:{account}:function:{name}";
constexpr std::string_view kMachine =
    "arn:{partition}:states:{region}:{account}:stateMachine:{name}";
constexpr std::string_view kTable = "arn:{partition}:dynamodb:{region}:{account}:table/{name}";
constexpr std::string_view kTopic = "arn:{partition}:sns:{region}:{account}:{name}";
constexpr std::string_view kQueue = "https://sqs.{region}.{suffix}/{account}/{name}";

// What the pages of the resource types say under "Return values".
Types serverless() {
  const ResourceType function{"FunctionName", kName, {{"Arn", kLambda}}};
  const ResourceType table{"TableName", kName, {{"Arn", kTable}}};
  return {
      {"AWS::Lambda::Function", function},
      {"AWS::Serverless::Function", function},
      {"AWS::StepFunctions::StateMachine",
       {"StateMachineName", kMachine, {{"Arn", kMachine}, {"Name", kName}}}},
      {"AWS::Serverless::StateMachine", {"Name", kMachine, {{"Arn", kMachine}, {"Name", kName}}}},
      {"AWS::StepFunctions::Activity",
       {"Name",
        "arn:{partition}:states:{region}:{account}:activity:{name}",
        {{"Arn", "arn:{partition}:states:{region}:{account}:activity:{name}"}, {"Name", kName}}}},
      {"AWS::DynamoDB::Table", table},
      {"AWS::DynamoDB::GlobalTable", table},
      {"AWS::Serverless::SimpleTable", table},
  };
}

Types storage_and_messages() {
  return {
      {"AWS::S3::Bucket",
       {"BucketName",
        kName,
        {{"Arn", "arn:{partition}:s3:::{name}"},
         {"DomainName", "{name}.s3.{suffix}"},
         {"RegionalDomainName", "{name}.s3.{region}.{suffix}"}}}},
      {"AWS::SNS::Topic", {"TopicName", kTopic, {{"TopicArn", kTopic}, {"TopicName", kName}}}},
      {"AWS::SQS::Queue",
       {"QueueName",
        kQueue,
        {{"Arn", "arn:{partition}:sqs:{region}:{account}:{name}"},
         {"QueueName", kName},
         {"QueueUrl", kQueue}}}},
      {"AWS::Events::EventBus",
       {"Name",
        kName,
        {{"Arn", "arn:{partition}:events:{region}:{account}:event-bus/{name}"}, {"Name", kName}}}},
      {"AWS::Events::Rule",
       {"Name", kName, {{"Arn", "arn:{partition}:events:{region}:{account}:rule/{name}"}}}},
      {"AWS::Events::Connection",
       {"Name",
        kName,
        {{"Arn",
          "arn:{partition}:events:{region}:{account}:connection/{name}/"
          "00000000-0000-0000-0000-000000000000"}}}},
      {"AWS::Logs::LogGroup",
       {"LogGroupName",
        kName,
        {{"Arn", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"}}}},
      {"AWS::IAM::Role",
       {"RoleName", kName, {{"Arn", "arn:{partition}:iam::{account}:role/{name}"}}}},
      {"AWS::KMS::Key",
       {"", kName, {{"Arn", "arn:{partition}:kms:{region}:{account}:key/{name}"}}}},
      {"AWS::SecretsManager::Secret",
       {"Name", "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}", {}}},
      {"AWS::SSM::Parameter", {"Name", kName, {}}},
  };
}

Types computing() {
  const auto batch = [](std::string_view name_property, std::string_view arn,
                        std::string_view attribute) {
    return ResourceType{name_property, arn, {{attribute, arn}}};
  };
  return {
      {"AWS::ECS::Cluster",
       {"ClusterName", kName, {{"Arn", "arn:{partition}:ecs:{region}:{account}:cluster/{name}"}}}},
      {"AWS::ECS::TaskDefinition",
       {"Family",
        "arn:{partition}:ecs:{region}:{account}:task-definition/{name}:1",
        {{"TaskDefinitionArn",
          "arn:{partition}:ecs:{region}:{account}:task-definition/{name}:1"}}}},
      {"AWS::Batch::JobQueue",
       batch("JobQueueName", "arn:{partition}:batch:{region}:{account}:job-queue/{name}",
             "JobQueueArn")},
      {"AWS::Batch::JobDefinition",
       batch("JobDefinitionName",
             "arn:{partition}:batch:{region}:{account}:job-definition/{name}:1",
             "JobDefinitionArn")},
      {"AWS::Batch::ComputeEnvironment",
       batch("ComputeEnvironmentName",
             "arn:{partition}:batch:{region}:{account}:compute-environment/{name}",
             "ComputeEnvironmentArn")},
      {"AWS::Glue::Database", {"", kName, {}}},
      {"AWS::Glue::Crawler", {"Name", kName, {}}},
      {"AWS::Glue::Job", {"Name", kName, {}}},
      {"AWS::Athena::WorkGroup", {"Name", kName, {}}},
      {"AWS::SageMaker::Endpoint", {"EndpointName", kName, {{"EndpointName", kName}}}},
      {"AWS::OpenSearchServerless::Collection",
       {"Name", kName, {{"Arn", "arn:{partition}:aoss:{region}:{account}:collection/{name}"}}}},
  };
}

}  // namespace

const ResourceType* resource_type(std::string_view type) {
  static const Types types = [] {
    Types all = serverless();
    all.merge(storage_and_messages());
    all.merge(computing());
    return all;
  }();
  const auto found = types.find(type);
  return found == types.end() ? nullptr : &found->second;
}

}  // namespace weft::definitions
