#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/jsonpath_fields.h"
#include "asl/nearest.h"
#include "asl/template.h"

namespace weft::asl {
namespace {

// AWS: "greater than 0 and less than 31622400".
constexpr int64_t kMaxDelaySecondsMax = 31'622'399;

// AWS page "Handling errors in Step Functions workflows", and the language's specification.
constexpr std::array<std::string_view, 17> kErrorNames = {"States.ALL",
                                                          "States.BranchFailed",
                                                          "States.DataLimitExceeded",
                                                          "States.ExceedToleratedFailureThreshold",
                                                          "States.HeartbeatTimeout",
                                                          "States.Http.Socket",
                                                          "States.IntrinsicFailure",
                                                          "States.ItemReaderFailed",
                                                          "States.NoChoiceMatched",
                                                          "States.ParameterPathFailure",
                                                          "States.Permissions",
                                                          "States.QueryEvaluationError",
                                                          "States.ResultPathMatchFailure",
                                                          "States.ResultWriterFailed",
                                                          "States.Runtime",
                                                          "States.TaskFailed",
                                                          "States.Timeout"};

// AWS takes any name; one that is nearly its own catches nothing.
void warn_of_slip(Compilation& compilation, std::string_view name, const Path& path) {
  if (std::ranges::find(kErrorNames, name) != kErrorNames.end()) return;
  if (!name.starts_with("States.") || name.starts_with("States.Http.StatusCode.")) return;
  const std::string meant = nearest(name, kErrorNames);
  if (meant.empty()) return;
  compilation.error_inside(
      path, 0, fmt::format("'{}' is no error name of Step Functions: no error matches it.", name),
      "UNKNOWN_ERROR_NAME", Diagnostic::Severity::kWarning);
  compilation.hint(meant);
}

// `ErrorEquals`: at least one name; States.ALL alone and in the last retrier or catcher.
std::vector<std::string> compile_error_equals(Compilation& compilation, const json::Value& object,
                                              const Path& path, bool last) {
  std::vector<std::string> names;
  json::Value list = object.find("ErrorEquals");
  Path at = path.member("ErrorEquals");
  if (list.is_undefined() || !expect_array(compilation, list, at)) {
    return names;
  }
  if (list.size() == 0) {
    compilation.error(at, "Value cannot be empty");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    if (!list.item(i).is_string()) {
      compilation.error(at.element(i), "Expected value of type String");
      continue;
    }
    names.emplace_back(list.item(i).as_string());
    warn_of_slip(compilation, names.back(), at.element(i));
  }
  if (std::ranges::find(names, "States.ALL") != names.end()) {
    if (list.size() > 1) {
      compilation.error(at, "'States.ALL' must be the only error name in 'ErrorEquals'");
    }
    if (!last) {
      compilation.error(at, "'States.ALL' is only allowed in the last element");
    }
  }
  return names;
}

Retrier compile_retrier(StateContext& context, const json::Value& json, const Path& path,
                        bool last) {
  Retrier retrier;
  Compilation& compilation = context.compilation();
  if (!expect_object(compilation, json, path)) {
    return retrier;
  }
  constexpr std::array<std::string_view, 7> kAllowed = {
      "Comment",     "ErrorEquals",     "IntervalSeconds", "MaxAttempts",
      "BackoffRate", "MaxDelaySeconds", "JitterStrategy"};
  check_members(compilation, json, path, kAllowed);
  require_members(compilation, json, path, {"ErrorEquals"});
  read_string(compilation, json, path, "Comment");
  retrier.error_equals = compile_error_equals(compilation, json, path, last);
  if (auto interval = read_integer(compilation, json, path, "IntervalSeconds", 1, kSecondsMax)) {
    retrier.interval_seconds = static_cast<double>(*interval);
  }
  if (auto attempts = read_integer(compilation, json, path, "MaxAttempts", 0, kSecondsMax)) {
    retrier.max_attempts = *attempts;
  }
  if (auto rate = read_number(compilation, json, path, "BackoffRate", 1, 1e9)) {
    retrier.backoff_rate = *rate;
  }
  retrier.max_delay_seconds =
      read_integer(compilation, json, path, "MaxDelaySeconds", 1, kMaxDelaySecondsMax);
  if (retrier.max_delay_seconds &&
      static_cast<double>(*retrier.max_delay_seconds) <= retrier.interval_seconds) {
    compilation.error(path.member("MaxDelaySeconds"),
                      "'MaxDelaySeconds' must be greater than 'IntervalSeconds'");
  }
  retrier.full_jitter =
      read_choice(compilation, json, path, "JitterStrategy", {"NONE", "FULL"}) == "FULL";
  return retrier;
}

void check_catcher_members(StateContext& context, const json::Value& json, const Path& path) {
  Compilation& compilation = context.compilation();
  for (size_t i = 0; i < json.size(); ++i) {
    const std::string_view name = json.key(i);
    if (name == "Output" && !context.jsonata()) {
      compilation.error_about(path, name,
                              "The QueryLanguage is set to 'JSONPath', but field 'Output' is only "
                              "supported for the 'JSONata' QueryLanguage");
    } else if (name == "ResultPath" && context.jsonata()) {
      compilation.error_about(path, name,
                              "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is "
                              "only supported for the 'JSONPath' QueryLanguage");
    }
  }
  constexpr std::array<std::string_view, 6> kAllowed = {"Comment",    "ErrorEquals", "Next",
                                                        "ResultPath", "Output",      "Assign"};
  check_members(compilation, json, path, kAllowed);
}

Catcher compile_catcher(StateContext& context, const json::Value& json, const Path& path,
                        const std::string& field, bool last) {
  Catcher catcher;
  Compilation& compilation = context.compilation();
  if (!expect_object(compilation, json, path)) {
    return catcher;
  }
  check_catcher_members(context, json, path);
  require_members(compilation, json, path, {"ErrorEquals", "Next"});
  read_string(compilation, json, path, "Comment");
  catcher.error_equals = compile_error_equals(compilation, json, path, last);
  catcher.next = resolve_target(context, json, path, "Next");
  const ExpressionRules rules{.error_output = true};
  if (!context.jsonata()) {
    catcher.output = compile_caught_shape(context, json, path, field + "/ResultPath");
  } else if (json::Value output = json.find("Output"); !output.is_undefined()) {
    catcher.output =
        compile_template(context, output, path.member("Output"), field + "/Output", rules);
  }
  catcher.assign = compile_assign(context, json, path, field + "/", rules);
  return catcher;
}

}  // namespace

void compile_retry(StateContext& context) {
  json::Value list = context.json.find("Retry");
  Path at = context.path.member("Retry");
  if (list.is_undefined() || !expect_array(context.compilation(), list, at)) {
    return;
  }
  for (size_t i = 0; i < list.size(); ++i) {
    context.state.retry.push_back(
        compile_retrier(context, list.item(i), at.element(i), i + 1 == list.size()));
  }
}

void compile_catch(StateContext& context) {
  json::Value list = context.json.find("Catch");
  Path at = context.path.member("Catch");
  if (list.is_undefined() || !expect_array(context.compilation(), list, at)) {
    return;
  }
  for (size_t i = 0; i < list.size(); ++i) {
    context.state.catchers.push_back(compile_catcher(
        context, list.item(i), at.element(i), fmt::format("Catch[{}]", i), i + 1 == list.size()));
  }
}

}  // namespace weft::asl
