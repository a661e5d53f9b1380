#include "cli/definition_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arn/arn.h"
#include "integrations/lambda/function_name.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// The text of a member of a template's object when it is a literal; "" otherwise.
std::string literal_member(const std::optional<asl::Template>& object, std::string_view name) {
  return object ? std::string(object->known_member(name).as_string()) : "";
}

void add_function(std::string_view called, Needs& needs) {
  if (const std::string name = lambda::parse_function_name(called).name; !name.empty())
    needs.functions.insert(name);
}

void add_machine(std::string_view arn, Needs& needs) {
  if (const auto parts = arn::parse_states_arn(arn); parts && parts->kind == "stateMachine")
    needs.machines.insert(parts->machine);
}

void add_needs(const asl::TaskState& task, Needs& needs) {
  if (task.resource.kind == asl::TaskResource::Kind::kLambdaFunction)
    add_function(task.resource.arn, needs);
  if (task.resource.kind != asl::TaskResource::Kind::kService) return;
  if (task.resource.resource_type == "lambda")
    add_function(literal_member(task.arguments, "FunctionName"), needs);
  if (task.resource.resource_type == "states")
    add_machine(literal_member(task.arguments, "StateMachineArn"), needs);
}

void add_needs(const asl::MapState& map, Needs& needs) {
  if (!map.item_reader) return;
  if (std::string bucket = literal_member(map.item_reader->arguments, "Bucket"); !bucket.empty()) {
    needs.buckets.insert(std::move(bucket));
  }
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return std::move(text).str();
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Cannot read {}: it is a directory", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Cannot read {}: {}", path, std::strerror(errno)));
  text << file.rdbuf();
  return std::move(text).str();
}

base::Result<DefinitionFile> read_definition_file(const std::string& path) {
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  std::string name = path == "-" ? "definition" : std::filesystem::path(path).filename().string();
  for (std::string_view ending : {".json", ".asl"}) {
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
  }
  // What a state machine's name cannot hold becomes a dash.
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x80 && !arn::check_name(std::string_view(&c, 1))) c = '-';
  }
  if (auto valid = arn::check_name(name); !valid) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: the file's name gives no valid state machine name (1 to 80 characters)",
                    path));
  }
  return DefinitionFile{path, std::move(name), base::Text(std::move(*text))};
}

base::Result<DefinitionFile> read_named_definition(const std::string& flag) {
  const size_t equals = flag.find('=');
  if (equals == std::string::npos) return read_definition_file(flag);
  std::string name = flag.substr(0, equals);
  if (auto valid = arn::check_name(name); !valid) return std::unexpected(valid.error());
  auto text = read_file(flag.substr(equals + 1));
  if (!text) return std::unexpected(text.error());
  return DefinitionFile{flag.substr(equals + 1), std::move(name), base::Text(std::move(*text))};
}

Needs needs_of(const asl::Program& program) {
  Needs needs;
  for (const asl::State& state : program.states) {
    if (const auto* task = std::get_if<asl::TaskState>(&state.body)) add_needs(*task, needs);
    if (const auto* map = std::get_if<asl::MapState>(&state.body)) add_needs(*map, needs);
  }
  return needs;
}

base::Result<void> check_needs(const Needs& needs, const std::set<std::string>& functions,
                               const std::set<std::string>& buckets) {
  for (const std::string& name : needs.functions) {
    if (functions.contains(name)) continue;
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "The definition calls the function '{0}', which was not given: add --function {0}=FILE",
            name));
  }
  for (const std::string& name : needs.buckets) {
    if (buckets.contains(name)) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The definition lists the bucket '{0}', which was not given: add "
                            "--bucket {0}=DIRECTORY, or --buckets with a directory that has it",
                            name));
  }
  return {};
}

}  // namespace weft::cli
