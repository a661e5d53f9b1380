#include "cli/definitions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"
#include "cli/project.h"
#include "cli/validate.h"
#include "integrations/registry.h"
#include "json/parse.h"
#include "terminal/shell_word.h"

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
  all.missing = std::move(template_project.missing);
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
// as a new revision (its executions keep the one they started with); one of another type gives way.
base::Result<std::string> put_machine(running::Host& host, const DefinitionFile& file) {
  const running::CreateStateMachine request{.name = file.machine_name,
                                            .definition = file.text,
                                            .role_arn = kRoleArn,
                                            .express = file.express};
  auto created = host.create_state_machine(request);
  if (!created && created.error().code == ErrorCode::kStateMachineAlreadyExists) {
    const std::string arn = arn::machine_arn(host.query().identity(), file.machine_name);
    const auto known = host.query().machine(arn);
    if (known && known->express == file.express) {
      created = host.update_state_machine(
          {.arn = arn, .definition = file.text, .role_arn = std::string(kRoleArn)});
    } else {
      if (auto removed = host.delete_state_machine(arn); !removed)
        return std::unexpected(removed.error());
      created = host.create_state_machine(request);
    }
  }
  if (!created) return std::unexpected(created.error());
  return created->arn;
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

base::Result<std::string> put_machines(running::Host& host, const Definitions& definitions) {
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
