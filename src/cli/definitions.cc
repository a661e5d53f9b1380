#include "cli/definitions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arn/arn.h"
#include "cli/project.h"
#include "cli/validate.h"
#include "integrations/registry.h"
#include "json/parse.h"
#include "reading/activities.h"
#include "running/task_callbacks.h"
#include "terminal/shell_word.h"
#include "terminal/terminal.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// Nobody checks roles here; AWS's form asks for one.
constexpr const char* kRoleArn = "arn:aws:iam::000000000000:role/weft";

// The state machine that is started and, of a template, those that it starts, and those start in
// turn.
base::Result<void> add_main(const RunFlags& flags, const definitions::Substitutions& substitutions,
                            server::ServeOptions& options, Definitions& all) {
  auto project = open_project(flags, substitutions, options);
  if (!project) return std::unexpected(project.error());
  if (!*project) {
    auto main = read_definition_file(flags.definition, substitutions);
    if (!main) return std::unexpected(main.error());
    main->express = flags.type == "EXPRESS";
    return add_definition(std::move(*main), options, all);
  }
  Project& template_project = **project;
  all.of_template = true;  // which says itself what values it has no use for
  all.missing = std::move(template_project.missing);
  all.activities = std::move(template_project.activities);
  if (auto added = add_definition(std::move(template_project.main), options, all); !added)
    return added;
  if (flags.every_machine && flags.resource.empty()) {
    for (auto& [name, file] : template_project.others) {
      if (auto added = add_definition(std::move(file), options, all); !added) return added;
    }
    return {};
  }
  for (bool more = true; std::exchange(more, false);) {
    for (const std::string& name : std::set<std::string>(all.started)) {
      auto other = template_project.others.extract(name);
      if (other.empty()) continue;
      more = true;
      if (auto added = add_definition(std::move(other.mapped()), options, all); !added)
        return added;
    }
  }
  return {};
}

// Makes the state machine of this definition. One of the same name with another definition has it
// as a new revision (its executions keep the one they started with); one of another type gives way,
// which is said.
base::Result<std::string> put_machine(running::Host& host, const DefinitionFile& file) {
  const MachineSettings settings = file.settings.value_or(MachineSettings());
  const running::CreateStateMachine request{
      .name = file.machine_name,
      .definition = file.text,
      .role_arn = settings.role_arn.empty() ? kRoleArn : settings.role_arn,
      .express = file.express,
      .logging = settings.logging,
      .tracing = settings.tracing,
      .tags = settings.tags};
  auto created = host.create_state_machine(request);
  if (!created && created.error().code == ErrorCode::kStateMachineAlreadyExists) {
    const std::string arn = arn::machine_arn(host.query().identity(), file.machine_name);
    const auto known = host.query().machine(arn);
    if (known && known->express == file.express) {
      running::UpdateStateMachine update{
          .arn = arn, .definition = file.text, .role_arn = request.role_arn};
      if (file.settings) {
        update.logging = settings.logging;
        update.tracing = settings.tracing;
      }
      created = host.update_state_machine(update);
    } else {
      if (auto removed = host.delete_state_machine(arn); !removed)
        return std::unexpected(removed.error());
      terminal::say(
          stderr,
          fmt::format("weft: {} was {} and is {} now. AWS changes no type: the state machine "
                      "before it is deleted, and this is a new one. Executions that it has "
                      "stay, and those that run go on",
                      file.machine_name, file.express ? "STANDARD" : "EXPRESS",
                      file.express ? "EXPRESS" : "STANDARD"));
      created = host.create_state_machine(request);
    }
  }
  if (!created) return std::unexpected(created.error());
  if (!settings.tags.empty()) {
    if (auto tagged = host.change_tags(created->arn, {.set = settings.tags}); !tagged) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("The tags of {}: {}", file.machine_name,
                                                           tagged.error().error.message));
    }
  }
  return created->arn;
}

// A name may be one of another of the files.
void warn_of_unused_values(const definitions::Substitutions& given, const Definitions& all) {
  std::set<std::string> names;
  for (const DefinitionFile& file : all.files)
    names.insert(file.definition.names.begin(), file.definition.names.end());
  for (const std::string& sentence : definitions::unused_values(given, names))
    terminal::say(stderr, "weft: warning: " + sentence);
}

}  // namespace

base::Result<void> add_definition(DefinitionFile file, const server::ServeOptions& options,
                                  Definitions& all) {
  std::set<std::string> functions = function_names(options);
  for (const auto& [name, why] : all.missing) functions.insert(name);  // said in its own words
  const DefinitionFindings findings = check_definition(file.definition, file.express, &functions);
  if (!findings.all.empty()) {
    fmt::print(stderr, "{}",
               format_definition_findings(file.path, findings, terminal::Terminal::of(stderr)));
  }
  const auto compiled = asl::compile(
      file.text, {.express = file.express, .unavailable = integrations::why_unavailable});
  if (!compiled.program)
    return fail(ErrorCode::kInvalidArgument, file.path + " is no valid state machine definition");
  Needs needs = needs_of(*compiled.program);
  for (const std::string& name : needs.functions) {
    const auto why = all.missing.find(name);
    if (why != all.missing.end()) return fail(ErrorCode::kInvalidArgument, why->second);
  }
  if (auto met = check_needs(needs, options); !met) return met;
  all.started.merge(needs.machines);
  all.needs.functions.merge(needs.functions);
  all.needs.activities.merge(needs.activities);
  all.needs.computes_functions = all.needs.computes_functions || needs.computes_functions;
  all.files.push_back(std::move(file));
  return {};
}

base::Result<void> add_machines(const std::vector<std::string>& flags,
                                const definitions::Substitutions& substitutions,
                                const server::ServeOptions& options, Definitions& all) {
  for (const std::string& flag : flags) {
    auto file = read_named_definition(flag, substitutions);
    if (!file) return fail(file.error().code, "--state-machine: " + file.error().message);
    const bool twice = std::ranges::any_of(all.files, [&](const DefinitionFile& other) {
      return other.machine_name == file->machine_name;
    });
    if (twice) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("--state-machine {}: there is another state machine '{}'; name one of "
                      "them with NAME=FILE",
                      flag, file->machine_name));
    }
    if (auto added = add_definition(std::move(*file), options, all); !added) return added;
  }
  return {};
}

base::Result<Definitions> load_definitions(const RunFlags& flags, server::ServeOptions& options) {
  Definitions all;
  auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  if (!flags.definition.empty()) {
    if (auto added = add_main(flags, *substitutions, options, all); !added)
      return std::unexpected(added.error());
  }
  if (auto added = add_machines(flags.machines, *substitutions, options, all); !added)
    return std::unexpected(added.error());
  if (!all.of_template) warn_of_unused_values(*substitutions, all);
  return all;
}

base::Result<DefinitionFile> find_main(const RunFlags& flags, server::ServeOptions& options) {
  auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  auto project = open_project(flags, *substitutions, options);
  if (!project) return std::unexpected(project.error());
  if (*project) return std::move((*project)->main);
  return read_definition_file(flags.definition, *substitutions);
}

Uncalled uncalled_function(const Definitions& definitions, const std::vector<std::string>& flags) {
  std::vector<std::string> given;
  for (const std::string& flag : flags) given.push_back(flag.substr(0, flag.find('=')));
  return uncalled_function(definitions.needs, given);
}

base::Result<void> put_activities(running::Host& host, const Definitions& definitions) {
  for (const auto& [name, tags] : definitions.activities) {
    if (auto made = host.task_callbacks()->create_activity(name, tags); !made) {
      return fail(made.error().code, fmt::format("The template's activity '{}' cannot be made: {}",
                                                 name, made.error().message));
    }
  }
  return {};
}

std::string missing_activities(const reading::Query& query, const Definitions& definitions) {
  std::vector<std::string> sentences;
  for (const std::string& arn : definitions.needs.activities) {
    const auto parts = arn::parse_states_arn(arn);
    const std::string name = parts ? parts->machine : "";
    const std::string here =
        arn::sibling_arn(arn::machine_arn(query.identity(), name), "activity", name);
    if (definitions.activities.contains(name) || reading::activity_meant(query, arn)) continue;
    sentences.push_back(fmt::format(
        "The definition waits for workers of the activity '{}', which does not exist{}: add an "
        "AWS::StepFunctions::Activity to a template, or call CreateActivity of weft serve",
        arn, arn == here ? "" : fmt::format(" (here it would be {})", here)));
  }
  return fmt::format("{}", fmt::join(sentences, ". "));
}

base::Result<std::string> put_machines(running::Host& host, const Definitions& definitions) {
  if (auto put = put_activities(host, definitions); !put) return std::unexpected(put.error());
  std::string first;
  for (const DefinitionFile& file : definitions.files) {
    auto arn = put_machine(host, file);
    if (!arn) return arn;
    if (first.empty()) first = std::move(*arn);
  }
  for (const std::string& name : definitions.started) {
    if (host.query().machine(arn::machine_arn(host.query().identity(), name))) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The definition starts the state machine '{}', which was not given: "
                            "add --state-machine {}=FILE",
                            name, terminal::shell_word(name)));
  }
  return first;
}

base::Result<base::Text> read_json_flag(std::string_view name, const std::string& value) {
  std::string text = value;
  if (value.starts_with('@')) {
    auto file = read_file(value.substr(1));
    if (!file) return fail(file.error().code, fmt::format("{}: {}", name, file.error().message));
    text = std::move(*file);
  }
  json::Arena arena;
  if (auto parsed = json::parse(text, arena); !parsed) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not JSON: {}", name, parsed.error().message));
  }
  return base::Text(std::move(text));
}

}  // namespace weft::cli
