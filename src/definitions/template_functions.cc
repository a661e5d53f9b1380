#include "definitions/template_functions.h"

#include <charconv>

#include <fmt/format.h>

namespace weft::definitions {
namespace {

bool is_run_here(std::string_view runtime) {
  return runtime.starts_with("nodejs") || runtime.starts_with("python") ||
         runtime.starts_with("provided");
}

std::optional<int64_t> to_whole(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void set_problem(TemplateFunction& function, const Origin& origin, std::string message) {
  if (function.problem) return;
  function.problem = Finding{Finding::Severity::kWarning, place_of(origin), std::move(message)};
}

}  // namespace

const Node* Functions::global(std::string_view name) const {
  const Node* globals = document_.find("Globals");
  const Node* function = globals == nullptr ? nullptr : globals->find("Function");
  return function == nullptr ? nullptr : function->find(name);
}

const Node* Functions::property(const Node& declared, bool sam, std::string_view name) const {
  const Node* properties = declared.find("Properties");
  const Node* own = properties == nullptr ? nullptr : properties->find(name);
  return own != nullptr || !sam ? own : global(name);
}

TemplateFunction Functions::read(const std::string& resource, const Node& declared) const {
  const bool sam = scalar_text(declared.find("Type")) == "AWS::Serverless::Function";
  intrinsics_.take_refusal();
  TemplateFunction function{
      .resource = resource, .name = intrinsics_.name_of(resource), .origin = declared.origin};
  const auto text = [&](std::string_view name) {
    return intrinsics_.text(property(declared, sam, name), name);
  };
  function.runtime = text("Runtime");
  function.handler = text("Handler");
  const Node* runtime = property(declared, sam, "Runtime");
  if (text("PackageType") == "Image") {
    set_problem(
        function, declared.origin,
        fmt::format("The function '{}' is a container image, which Weft does not run", resource));
  } else if (!is_run_here(function.runtime)) {
    set_problem(
        function, runtime == nullptr ? declared.origin : runtime->origin,
        function.runtime.empty()
            ? fmt::format("The function '{}' names no Runtime", resource)
            : fmt::format("The function '{}' has the runtime {}; Weft runs those of Node.js "
                          "and Python, and provided ones",
                          resource, function.runtime));
  }
  read_code(declared, sam, function);
  read_settings(declared, sam, function);
  for (const std::string_view name : {"Layers", "Events", "FileSystemConfigs", "DeadLetterQueue",
                                      "EventInvokeConfig", "FunctionUrlConfig"}) {
    if (const Node* said = property(declared, sam, name))
      intrinsics_.warn(said->origin,
                       fmt::format("{} of the function '{}' does nothing here", name, resource));
  }
  if (function.problem) {
    intrinsics_.warn_at(function.problem->place, function.problem->message);
  } else {
    function.problem = intrinsics_.take_refusal();
  }
  return function;
}

void Functions::read_code(const Node& declared, bool sam, TemplateFunction& function) const {
  // Where the CDK put what it would upload, relative to its template.
  if (const Node* metadata = declared.find("Metadata")) {
    if (const std::string asset = scalar_text(metadata->find("aws:asset:path")); !asset.empty()) {
      function.code = asset;
      return;
    }
  }
  if (const Node* inline_code = property(declared, sam, "InlineCode"); sam && inline_code) {
    function.inline_code = intrinsics_.text(inline_code, "InlineCode");
    return;
  }
  const Node* code = property(declared, sam, sam ? "CodeUri" : "Code");
  if (code == nullptr) {
    if (sam) function.code = ".";
    if (!sam)
      set_problem(function, declared.origin,
                  fmt::format("The function '{}' has no Code", function.resource));
    return;
  }
  const Node value = intrinsics_.evaluate(*code);
  const Node* zip_file = value.find("ZipFile");
  if (!sam && zip_file != nullptr && zip_file->is_scalar()) {
    function.inline_code = zip_file->text;
  } else if (value.is_string() && !value.unresolved && !value.text.starts_with("s3://") &&
             !value.text.starts_with("https://")) {
    function.code = value.text;
  } else {
    const Node* bucket = value.find(sam ? "Bucket" : "S3Bucket");
    const Node* key = value.find(sam ? "Key" : "S3Key");
    set_problem(function, code->origin,
                fmt::format("The code of '{}' is not on this machine ({}): deploy it from a local "
                            "directory, or give the function with --function",
                            function.resource,
                            bucket != nullptr || key != nullptr
                                ? fmt::format("s3://{}/{}", scalar_text(bucket), scalar_text(key))
                            : value.is_scalar() ? value.text
                                                : "no path"));
  }
}

void Functions::read_settings(const Node& declared, bool sam, TemplateFunction& function) const {
  const auto number = [&](std::string_view name, int64_t low,
                          int64_t high) -> std::optional<int64_t> {
    const Node* node = property(declared, sam, name);
    if (node == nullptr) return std::nullopt;
    const Node value = intrinsics_.evaluate(*node);
    const auto whole = value.is_scalar() ? to_whole(value.text) : std::nullopt;
    if (whole && *whole >= low && *whole <= high) return whole;
    if (!value.unresolved && value.kind != Node::Kind::kAbsent) {
      intrinsics_.warn(node->origin,
                       fmt::format("{} of the function '{}' must be a whole number from {} to {}",
                                   name, function.resource, low, high));
    }
    return std::nullopt;
  };
  if (const auto seconds = number("Timeout", 1, 900)) function.timeout_ms = *seconds * 1000;
  function.memory_mb = number("MemorySize", 128, 10'240);
  function.concurrency = number("ReservedConcurrentExecutions", 0, 10'000);
  if (const Node* logging = property(declared, sam, "LoggingConfig")) {
    function.log_format = intrinsics_.text(logging->find("LogFormat"), "LogFormat");
    function.log_level =
        intrinsics_.text(logging->find("ApplicationLogLevel"), "ApplicationLogLevel");
  }
  const auto variables_of = [](const Node* environment) {
    return environment == nullptr ? nullptr : environment->find("Variables");
  };
  if (sam) read_environment(variables_of(global("Environment")), function);
  const Node* properties = declared.find("Properties");
  if (properties != nullptr)
    read_environment(variables_of(properties->find("Environment")), function);
}

void Functions::read_environment(const Node* variables, TemplateFunction& function) const {
  if (variables == nullptr) return;
  const Node all = intrinsics_.evaluate(*variables);
  for (size_t i = 0; i < all.names.size(); ++i) {
    if (all.items[i].is_scalar()) {
      function.environment[all.names[i].text] = all.items[i].text;
    } else {
      intrinsics_.warn(all.items[i].origin,
                       fmt::format("The variable {} of the function '{}' must be a text",
                                   all.names[i].text, function.resource));
    }
  }
}

}  // namespace weft::definitions
