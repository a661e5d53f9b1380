#include <fmt/format.h>

#include "asl/call_members.h"
#include "asl/compilation.h"
#include "asl/expression.h"
#include "asl/fields.h"
#include "asl/resource.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

// Whether an Express machine may have such a task. The texts are AWS's, the second blank before
// "at" included.
bool check_express(StateContext& context, const TaskResource& resource, const Path& at) {
  if (!context.block.express) return true;
  const auto refuse = [&](const char* why) {
    context.compilation().error(at, why);
    return false;
  };
  if (resource.kind == TaskResource::Kind::kActivity)
    return refuse("Express state machine does not support Activity ARN");
  if (resource.pattern == IntegrationPattern::kWaitForTaskToken)
    return refuse(
        "Express state machine does not support '.waitForTaskToken' service integration ");
  if (resource.pattern != IntegrationPattern::kRequestResponse)
    return refuse("Express state machine does not support '.sync' service integration");
  return true;
}

void check_function(StateContext& context, std::string_view called, const Path& at) {
  const auto& ask = context.compilation().options().function_problem;
  if (!ask || called.empty()) return;
  FunctionProblem problem = ask(called);
  if (problem.message.empty()) return;
  context.compilation().error(at, std::move(problem.message), "FUNCTION_NOT_GIVEN");
  context.compilation().hint(std::move(problem.meant));
}

void compile_resource(StateContext& context, TaskState& task) {
  if (!require_members(context.compilation(), context.json, context.path, {"Resource"})) {
    return;
  }
  std::optional<std::string> arn =
      read_string(context.compilation(), context.json, context.path, "Resource");
  if (!arn) {
    return;
  }
  Path at = context.path.member("Resource");
  std::optional<TaskResource> resource = parse_resource(*arn);
  if (!resource) {
    context.compilation().error(
        at, fmt::format("The resource provided {} is not recognized. The value is not a valid "
                        "resource ARN, or the resource is not available in this region.",
                        *arn));
    context.compilation().hint(meant_resource(*arn));
    return;
  }
  const bool legal = check_express(context, *resource, at);
  const CompileOptions& options = context.compilation().options();
  // Of what AWS refuses it does not matter whether it could run here.
  if (legal && options.unavailable != nullptr && !options.stored) {
    const std::string why = options.unavailable(*resource);
    if (!why.empty()) context.compilation().error(at, why, "UNSUPPORTED_FEATURE");
  }
  if (resource->kind == TaskResource::Kind::kLambdaFunction)
    check_function(context, resource->arn, at);
  task.resource = *std::move(resource);
}

// Members of lambda:invoke that are one of a few words. Lambda refuses others when it is called.
void check_invoke_words(StateContext& context, const json::Value& written, const Path& at) {
  const auto check = [&](std::string_view name, std::initializer_list<std::string_view> words) {
    const json::Value value = written.find(name);
    const bool computed =
        context.jsonata() && value.is_string() && looks_like_expression(value.as_string());
    if (!computed && !value.is_null()) read_choice(context.compilation(), written, at, name, words);
  };
  if (context.compilation().options().stored) return;
  check("InvocationType", {"RequestResponse", "Event", "DryRun"});
  check("LogType", {"None", "Tail"});
}

// What a call cannot be made without, where AWS checks it; "" for the others.
std::string_view required_member(const TaskResource& resource) {
  if (resource.resource_type == "lambda") return "FunctionName";
  return resource.resource_type == "states" ? "StateMachineArn" : "";
}

// The task's input is then what the call gets (AWS): it fails only if that lacks the member.
void warn_of_no_arguments(StateContext& context, const TaskResource& resource,
                          std::string_view name) {
  const std::string_view required = required_member(resource);
  if (required.empty()) return;
  context.compilation().warning_about(
      context.path, "Resource",
      fmt::format("Without '{}' the input of the state is what {} gets: a state whose input has no "
                  "'{}' will fail.",
                  name, call_name(resource), required),
      "NO_ARGUMENTS");
}

// No service takes anything but an object.
bool expect_arguments(StateContext& context, const TaskState& task, const json::Value& written,
                      const Path& at) {
  const bool service = task.resource.kind == TaskResource::Kind::kService;
  if (!service || !task.arguments->is_literal() || context.compilation().options().stored) {
    return true;
  }
  return expect_object(context.compilation(), written, at);
}

void compile_arguments(StateContext& context, TaskState& task) {
  const std::string_view name = context.jsonata() ? "Arguments" : "Parameters";
  task.arguments = compile_field(context, name, {});
  if (!task.arguments) return warn_of_no_arguments(context, task.resource, name);
  Path at = context.path.member(name);
  const json::Value written = context.json.find(name);
  if (!expect_arguments(context, task, written, at)) return;
  check_call_members(context, written, at, call_name(task.resource));
  if (task.resource.resource_type == "lambda") {
    check_invoke_words(context, written, at);
    require_template_members(context, *task.arguments, at, {"FunctionName"});
    check_function(context, task.arguments->known_member("FunctionName").as_string(),
                   at.member("FunctionName"));
  } else if (task.resource.resource_type == "states") {
    require_template_members(context, *task.arguments, at, {"StateMachineArn"});
  }
}

void compile_credentials(StateContext& context, TaskState& task) {
  json::Value credentials = context.json.find("Credentials");
  Path at = context.path.member("Credentials");
  if (credentials.is_undefined() || !expect_object(context.compilation(), credentials, at)) {
    return;
  }
  task.credentials = compile_field(context, "Credentials", {});
  require_template_members(context, *task.credentials, at, {"RoleArn"});
}

}  // namespace

TaskState compile_task(StateContext& context) {
  TaskState task;
  compile_resource(context, task);
  compile_arguments(context, task);
  compile_credentials(context, task);
  const ScalarType seconds{.kind = ScalarType::Kind::kInteger, .min = 1, .max = kSecondsMax};
  task.timeout_seconds = compile_scalar(context, context.json, context.path, "TimeoutSeconds",
                                        "TimeoutSeconds", seconds);
  task.heartbeat_seconds = compile_scalar(context, context.json, context.path, "HeartbeatSeconds",
                                          "HeartbeatSeconds", seconds);
  if (task.timeout_seconds && task.heartbeat_seconds && task.timeout_seconds->is_literal() &&
      task.heartbeat_seconds->is_literal() &&
      task.heartbeat_seconds->literal.as_int() >= task.timeout_seconds->literal.as_int()) {
    context.compilation().error(context.path.member("HeartbeatSeconds"),
                                "'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  }
  return task;
}

}  // namespace weft::asl
