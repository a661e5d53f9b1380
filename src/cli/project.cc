#include "cli/project.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/validate.h"
#include "definitions/yaml.h"
#include "integrations/lambda/launch_plan.h"
#include "integrations/s3/object_key.h"
#include "server/data_directory.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// The path of a file that a template names.
std::string beside(const std::string& template_path, const std::string& path) {
  if (template_path == "-") return path;
  return (fs::path(template_path).parent_path() / path).lexically_normal().string();
}

bool looks_like_module(std::string_view code) {
  return code.find("exports.") == std::string_view::npos &&
         (code.find("export ") != std::string_view::npos ||
          code.find("import ") != std::string_view::npos);
}

// The directory with the code of a function that stands in the template itself, as Lambda names its
// file.
base::Result<std::string> write_inline_code(const definitions::TemplateFunction& function,
                                            const std::string& data_directory) {
  if (auto made = server::make_data_directory(data_directory); !made)
    return std::unexpected(made.error());
  const fs::path directory = fs::path(data_directory) / "template-functions" / function.name;
  std::error_code error;
  fs::create_directories(directory, error);
  for (const fs::path& each : {directory.parent_path(), directory})
    fs::permissions(each, fs::perms::owner_all, error);
  std::string stem = function.handler.substr(0, function.handler.rfind('.'));
  if (stem.find('/') != std::string::npos || stem.empty()) stem = "index";
  const std::string_view ending = function.runtime.starts_with("python")    ? ".py"
                                  : looks_like_module(function.inline_code) ? ".mjs"
                                                                            : ".js";
  for (const std::string_view other : {".py", ".mjs", ".js"})
    fs::remove(directory / fmt::format("{}{}", stem, other), error);
  const fs::path code = directory / fmt::format("{}{}", stem, ending);
  std::ofstream file(code, std::ios::binary);
  fs::permissions(code, fs::perms::owner_read | fs::perms::owner_write, error);
  file << function.inline_code;
  if (!file.flush())
    return fail(ErrorCode::kIo, fmt::format("Cannot write the code of '{}' to {}", function.name,
                                            directory.string()));
  return directory.string();
}

// Why the code of a function cannot run; "" when it is there, and its handler in it.
std::string why_no_code(const definitions::TemplateFunction& function, const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return fmt::format("The code of '{}' is not there: {}", function.resource, path);
  const std::string ending = fs::path(path).extension().string();
  if (!fs::is_directory(path, error) && (ending == ".zip" || ending == ".jar"))
    return fmt::format(
        "The code of '{}' is an archive ({}): unpack it, or give the function with "
        "--function",
        function.resource, path);
  const auto found =
      lambda::find_source({.name = function.name, .path = path, .handler = function.handler});
  return found ? "" : found.error().message;
}

// What there is of a function on this machine: problems that only its files show become findings.
void look_for_code(const std::string& template_path, definitions::Template& content) {
  for (definitions::TemplateFunction& function : content.functions) {
    if (function.problem || function.code.empty()) continue;
    function.code = beside(template_path, function.code);
    const std::string why = why_no_code(function, function.code);
    if (why.empty()) continue;
    function.problem = definitions::Finding{definitions::Finding::Severity::kWarning,
                                            place_of(function.origin), why};
    content.findings.push_back(*function.problem);
  }
}

// Buckets that cannot be had by the name that the template gives them are left out.
void leave_out_buckets(definitions::Template& content) {
  std::erase_if(content.buckets, [&](const definitions::TemplateBucket& bucket) {
    const auto valid = s3::check_bucket_name(bucket.name);
    if (!valid) {
      content.findings.push_back(
          {definitions::Finding::Severity::kWarning, place_of(bucket.origin),
           fmt::format("The bucket '{}' is not made: {}", bucket.resource, valid.error().message)});
    }
    return !valid;
  });
}

std::string placed(const definitions::Finding& finding) {
  return fmt::format("{}:{}:{}: {}", finding.place.source ? finding.place.source->name : "",
                     finding.place.line, finding.place.column, finding.message);
}

base::Result<void> add_function(const definitions::TemplateFunction& function,
                                server::ServeOptions& options) {
  lambda::FunctionConfig config{
      .name = function.name, .path = function.code, .handler = function.handler};
  if (!function.inline_code.empty()) {
    auto directory = write_inline_code(function, options.data_directory);
    if (!directory) return std::unexpected(directory.error());
    config.path = std::move(*directory);
  }
  // AWS's defaults: 3 s and 128 MB.
  config.timeout = std::chrono::milliseconds(function.timeout_ms.value_or(3'000));
  config.memory_mb = static_cast<int>(function.memory_mb.value_or(128));
  if (function.concurrency && *function.concurrency > 0)
    config.concurrency = static_cast<int>(*function.concurrency);
  if (!function.log_format.empty()) config.log_format = function.log_format;
  if (!function.log_level.empty()) config.log_level = function.log_level;
  config.environment = function.environment;
  options.functions.push_back(std::move(config));
  return {};
}

base::Result<void> add_functions(const TemplateFile& file, server::ServeOptions& options,
                                 std::map<std::string, std::string>& missing) {
  const std::set<std::string> given = function_names(options);
  for (const definitions::TemplateFunction& function : file.content.functions) {
    if (given.contains(function.name)) continue;
    if (function.problem) {
      missing[function.name] = fmt::format("{}; or give it with --function {}=FILE",
                                           placed(*function.problem), function.name);
      continue;
    }
    if (auto added = add_function(function, options); !added) return added;
  }
  return {};
}

base::Result<void> add_buckets(const TemplateFile& file, const std::string& data_directory,
                               server::ServeOptions& options) {
  const std::set<std::string> given = bucket_names(options);
  const std::string home =
      options.buckets_home.empty() ? data_directory + "-buckets" : options.buckets_home;
  for (const definitions::TemplateBucket& bucket : file.content.buckets) {
    if (given.contains(bucket.name)) continue;
    const fs::path directory = fs::path(home) / bucket.name;
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("Cannot make the bucket '{}' in {}: {}",
                                                           bucket.name, home, error.message()));
    }
    if (options.buckets_home.empty()) options.buckets.push_back({bucket.name, directory.string()});
  }
  return {};
}

MachineSettings settings_of(const definitions::TemplateMachine& machine) {
  MachineSettings settings{.role_arn = machine.role_arn,
                           .logging = {},
                           .tracing = machine.tracing,
                           .tags = machine.tags};
  if (!machine.logging) return settings;
  settings.logging.level =
      history::parse_logging_level(machine.logging->level).value_or(history::LoggingLevel::kOff);
  settings.logging.include_execution_data = machine.logging->include_execution_data;
  if (!machine.logging->destinations.empty())
    settings.logging.destinations = machine.logging->destinations;
  return settings;
}

// The template that `path` is; nothing when it is none. kInvalidArgument names its first error.
base::Result<std::optional<TemplateFile>> sound_template(
    const std::string& path, const definitions::Substitutions& substitutions) {
  auto text = read_definition_text(path);
  if (!text) return std::unexpected(text.error());
  auto file = read_template_file(definitions::file_source(path, std::move(*text)), substitutions);
  if (!file) return std::nullopt;
  for (const definitions::Finding& finding : file->content.findings) {
    if (finding.severity == definitions::Finding::Severity::kError)
      return fail(ErrorCode::kInvalidArgument, placed(finding));
  }
  return file;
}

DefinitionFile definition_file(const TemplateFile& file,
                               const definitions::TemplateMachine& machine) {
  return {.path = file.source->name,
          .machine_name = machine.name,
          .text = base::Text(machine.definition->json->text),
          .definition = *machine.definition,
          .express = machine.express,
          .settings = settings_of(machine)};
}

}  // namespace

base::Result<const definitions::TemplateMachine*> choose_machine(const TemplateFile& file,
                                                                 const std::string& resource,
                                                                 bool any) {
  const auto& machines = file.content.machines;
  std::vector<std::string> names;
  for (const definitions::TemplateMachine& machine : machines) {
    names.push_back(machine.resource);
    if (machine.resource == resource || (resource.empty() && (machines.size() == 1 || any)))
      return &machine;
  }
  if (machines.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The template {} has no state machine", file.source->name));
  }
  return fail(
      ErrorCode::kInvalidArgument,
      resource.empty()
          ? fmt::format("The template {} has several state machines: add --resource with "
                        "one of {}",
                        file.source->name, fmt::join(names, ", "))
          : fmt::format("--resource {}: the template has {}", resource, fmt::join(names, ", ")));
}

std::optional<TemplateFile> read_template_file(
    const std::shared_ptr<const definitions::Source>& source,
    const definitions::Substitutions& substitutions) {
  if (source->text.find("Resources") == std::string::npos) return std::nullopt;
  std::vector<definitions::Finding> findings;
  const auto document = definitions::parse_template(source, findings);
  if (!document || !definitions::is_template(*document)) return std::nullopt;
  const definitions::Surroundings surroundings{
      .values = substitutions, .read_file = [&source](const std::string& path) {
        return read_definition_text(beside(source->name, path));
      }};
  TemplateFile file{source,
                    definitions::read_template(*document, surroundings, std::move(findings))};
  look_for_code(source->name, file.content);
  leave_out_buckets(file.content);
  return file;
}

base::Result<std::optional<Project>> open_project(const RunFlags& flags,
                                                  const definitions::Substitutions& substitutions,
                                                  server::ServeOptions& options) {
  auto read = sound_template(flags.definition, substitutions);
  if (!read) return std::unexpected(read.error());
  const std::optional<TemplateFile>& file = *read;
  if (!file) {
    if (flags.resource.empty()) return std::nullopt;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--resource {}: {} is no template", flags.resource, flags.definition));
  }
  const auto preferred = std::ranges::find(file->content.machines, flags.preferred,
                                           &definitions::TemplateMachine::name);
  const bool named = flags.resource.empty() && preferred != file->content.machines.end();
  const auto chosen =
      choose_machine(*file, named ? preferred->resource : flags.resource, flags.every_machine);
  if (!chosen) return std::unexpected(chosen.error());
  if (!(*chosen)->definition || !(*chosen)->definition->is_readable()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The definition of '{0}' cannot be had; weft validate {1} --resource "
                            "{0} says why",
                            (*chosen)->resource, flags.definition));
  }
  Project project{.main = definition_file(*file, **chosen)};
  for (const definitions::TemplateMachine& machine : file->content.machines) {
    if (&machine != *chosen && machine.definition && machine.definition->is_readable())
      project.others.emplace(machine.name, definition_file(*file, machine));
  }
  for (const definitions::TemplateActivity& activity : file->content.activities)
    project.activities.emplace(activity.name, activity.tags);
  if (auto added = add_functions(*file, options, project.missing); !added)
    return std::unexpected(added.error());
  if (auto added = add_buckets(*file, options.data_directory, options); !added)
    return std::unexpected(added.error());
  if (!flags.json && !file->content.findings.empty()) {
    fmt::print(stderr, "{} says {} that Weft does not do; weft validate {} lists them\n",
               flags.definition,
               file->content.findings.size() == 1
                   ? "a thing"
                   : fmt::format("{} things", file->content.findings.size()),
               flags.definition);
  }
  return project;
}

base::Result<std::map<std::string, std::string>> add_template(const TemplateFlags& flags,
                                                              const std::string& data_directory,
                                                              server::ServeOptions& options) {
  std::map<std::string, std::string> missing;
  if (flags.file.empty()) return missing;
  auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  auto file = sound_template(flags.file, *substitutions);
  if (!file) return std::unexpected(file.error());
  if (!*file) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--template {}: expected a template of SAM or CloudFormation, which "
                            "has Resources",
                            flags.file));
  }
  if (auto added = add_functions(**file, options, missing); !added)
    return std::unexpected(added.error());
  if (auto added = add_buckets(**file, data_directory, options); !added)
    return std::unexpected(added.error());
  return missing;
}

}  // namespace weft::cli
