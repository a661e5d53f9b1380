#include "cli/definition_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "arn/arn.h"
#include "arn/function_name.h"
#include "asl/nearest.h"
#include "base/limits.h"
#include "definitions/yaml.h"
#include "sync/mutex.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// The text of a member of a template's object when it is a literal; "" otherwise.
std::string literal_member(const std::optional<asl::Template>& object, std::string_view name) {
  return object ? std::string(object->known_member(name).as_string()) : "";
}

// "" of what is no function that a flag could give: calling an ARN of something else fails, as on
// AWS.
std::string function_called(std::string_view called) {
  if (called.starts_with("arn:") && !arn::is_function_arn(called)) return {};
  return arn::parse_function_name(called).name;
}

void add_function(std::string_view called, Needs& needs) {
  if (std::string name = function_called(called); !name.empty())
    needs.functions.insert(std::move(name));
}

void add_machine(std::string_view arn, Needs& needs) {
  if (const auto parts = arn::parse_states_arn(arn); parts && parts->kind == "stateMachine")
    needs.machines.insert(parts->machine);
}

void add_needs(const asl::TaskState& task, Needs& needs) {
  if (task.resource.kind == asl::TaskResource::Kind::kLambdaFunction)
    add_function(task.resource.arn, needs);
  if (task.resource.kind == asl::TaskResource::Kind::kActivity)
    needs.activities.insert(task.resource.arn);
  if (task.resource.kind != asl::TaskResource::Kind::kService) return;
  if (task.resource.resource_type == "lambda") {
    const std::string name = literal_member(task.arguments, "FunctionName");
    needs.computes_functions = needs.computes_functions || name.empty();
    add_function(name, needs);
  }
  if (task.resource.resource_type == "states" || task.resource.resource_type == "aws-sdk:sfn")
    add_machine(literal_member(task.arguments, "StateMachineArn"), needs);
}

void add_needs(const asl::MapState& map, Needs& needs) {
  if (map.result_writer) {
    std::string bucket = literal_member(map.result_writer->arguments, "Bucket");
    if (!bucket.empty()) needs.result_buckets.insert(std::move(bucket));
  }
  if (!map.item_reader) return;
  if (std::string bucket = literal_member(map.item_reader->arguments, "Bucket"); !bucket.empty()) {
    needs.buckets.insert(std::move(bucket));
  }
}

// What a file holds; an error of reading YAML as `file:line:column: sentence`.
base::Result<DefinitionFile> make_definition(const std::string& path, std::string machine_name,
                                             std::string text,
                                             const definitions::Substitutions& substitutions) {
  const definitions::Format format = format_of_file(path, text);
  DefinitionFile file{.path = path, .machine_name = std::move(machine_name)};
  file.definition = definitions::read_definition(definitions::file_source(path, std::move(text)),
                                                 format, substitutions);
  for (const definitions::Finding& finding : file.definition.findings) {
    if (finding.severity != definitions::Finding::Severity::kError) continue;
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}:{}: {}", path, finding.place.line,
                                                         finding.place.column, finding.message));
  }
  file.text = base::Text(file.definition.json->text);
  return file;
}

// Standard input, named pipes and what a shell makes of <(...).
bool is_read_once(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return path == "-" || std::filesystem::is_fifo(status) || std::filesystem::is_socket(status) ||
         std::filesystem::is_character_file(status);
}

std::unexpected<base::Error> too_large(const std::string& path, size_t bytes_max) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("Cannot read {}: it has more than {} bytes", path, bytes_max));
}

base::Result<std::string> read_bytes(const std::string& path, size_t bytes_max) {
  const bool standard_input = path == "-";
  std::error_code error;
  if (!standard_input && std::filesystem::is_directory(path, error)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Cannot read {}: it is a directory", path));
  }
  std::ifstream file;
  if (!standard_input) file.open(path, std::ios::binary);
  if (!standard_input && !file)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Cannot read {}: {}", path, std::strerror(errno)));
  std::istream& bytes = standard_input ? std::cin : file;
  std::string text;
  for (size_t step = 65'536; bytes; step = std::min(2 * step, size_t{1} << 24)) {
    const size_t before = text.size();
    text.resize(before + std::min(step, bytes_max + 1 - before));
    bytes.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<size_t>(bytes.gcount()));
    if (text.size() > bytes_max) return too_large(path, bytes_max);
  }
  return text;
}

}  // namespace

definitions::Format format_of_file(const std::string& path, std::string_view text) {
  if (path != "-") return definitions::format_of(path);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || text[first] == '{' ? definitions::Format::kJson
                                                               : definitions::Format::kYaml;
}

base::Result<definitions::Substitutions> read_substitutions(const std::vector<std::string>& flags) {
  definitions::Substitutions values;
  for (const std::string& flag : flags) {
    if (!flag.starts_with('@')) {
      const size_t equals = flag.find('=');
      if (equals == std::string::npos || equals == 0) {
        return fail(
            ErrorCode::kInvalidArgument,
            fmt::format("--substitute {}: expected NAME=VALUE, or @FILE with an object", flag));
      }
      values[flag.substr(0, equals)] = flag.substr(equals + 1);
      continue;
    }
    auto text = read_file(flag.substr(1));
    if (!text) return fail(text.error().code, "--substitute: " + text.error().message);
    std::vector<definitions::Finding> findings;
    const auto source = definitions::file_source(flag.substr(1), std::move(*text));
    auto object = definitions::parse_json(source);
    if (!object) object = parse_yaml(source, definitions::YamlUse::kDefinition, findings);
    if (!object || !object->is_object()) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("--substitute {}: expected an object in JSON or YAML, names to values",
                      flag));
    }
    for (size_t i = 0; i < object->items.size(); ++i) {
      if (!object->items[i].is_scalar()) {
        return fail(ErrorCode::kInvalidArgument,
                    fmt::format("--substitute {}: the value of '{}' must be a text, a number or a "
                                "truth value",
                                flag, object->names[i].text));
      }
      values[object->names[i].text] = object->items[i].text;
    }
  }
  return values;
}

base::Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  // What is asked for twice, to see what it is and then to use it, can be read from a pipe once.
  static sync::Mutex mutex;
  static std::map<std::string, std::string>* const piped = new std::map<std::string, std::string>;
  if (!is_read_once(path)) return read_bytes(path, bytes_max);
  const sync::MutexLock lock(mutex);
  const auto known = piped->find(path);
  if (known != piped->end()) {
    if (known->second.size() > bytes_max) return too_large(path, bytes_max);
    return known->second;
  }
  auto text = read_bytes(path, bytes_max);
  if (text) piped->emplace(path, *text);
  return text;
}

base::Result<std::string> read_definition_text(const std::string& path) {
  return read_file(path, base::kDefinitionBytesMax);
}

base::Result<DefinitionFile> read_definition_file(const std::string& path,
                                                  const definitions::Substitutions& substitutions) {
  auto text = read_definition_text(path);
  if (!text) return std::unexpected(text.error());
  std::string name = path == "-" ? "definition" : std::filesystem::path(path).filename().string();
  for (std::string_view ending : {".json", ".yaml", ".yml", ".asl"}) {
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
  return make_definition(path, std::move(name), std::move(*text), substitutions);
}

base::Result<DefinitionFile> read_named_definition(
    const std::string& flag, const definitions::Substitutions& substitutions) {
  constexpr std::string_view kType = ",type=";
  const size_t comma = std::min(flag.rfind(kType), flag.size());
  const std::string type = comma == flag.size() ? "STANDARD" : flag.substr(comma + kType.size());
  if (type != "STANDARD" && type != "EXPRESS") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: the type is '{}', expected STANDARD or EXPRESS", flag, type));
  }
  const std::string named = flag.substr(0, comma);
  const size_t equals = named.find('=');
  base::Result<DefinitionFile> definition;
  if (equals == std::string::npos) {
    definition = read_definition_file(named, substitutions);
  } else {
    std::string name = named.substr(0, equals);
    if (auto valid = arn::check_name(name); !valid) return std::unexpected(valid.error());
    auto text = read_definition_text(named.substr(equals + 1));
    if (!text) return std::unexpected(text.error());
    definition =
        make_definition(named.substr(equals + 1), std::move(name), std::move(*text), substitutions);
  }
  if (definition) definition->express = type == "EXPRESS";
  return definition;
}

Needs needs_of(const asl::Program& program) {
  Needs needs;
  for (const asl::State& state : program.states) {
    if (const auto* task = std::get_if<asl::TaskState>(&state.body)) add_needs(*task, needs);
    if (const auto* map = std::get_if<asl::MapState>(&state.body)) add_needs(*map, needs);
  }
  return needs;
}

asl::FunctionProblem function_problem(std::string_view called,
                                      const std::set<std::string>& functions) {
  const std::string name = function_called(called);
  if (name.empty() || functions.contains(name)) return {};
  return {.message = fmt::format("The function '{}' was not given", name),
          .meant = asl::nearest(name,
                                std::vector<std::string_view>(functions.begin(), functions.end()))};
}

base::Result<void> check_needs(const Needs& needs, const std::set<std::string>& functions,
                               const std::set<std::string>& buckets) {
  const auto missing = [](const std::set<std::string>& wanted, const std::set<std::string>& given,
                          std::string_view asks, std::string_view flag, std::string_view rest) {
    const std::vector<std::string_view> known(given.begin(), given.end());
    std::vector<std::string> sentences;
    for (const std::string& name : wanted) {
      if (given.contains(name)) continue;
      const std::string meant = asl::nearest(name, known);
      sentences.push_back(
          fmt::format("The definition {} '{}', which was not given: {}add {} {}{}", asks, name,
                      meant.empty() ? "" : fmt::format("did you mean '{}'? Else ", meant), flag,
                      terminal::shell_word(name), rest));
    }
    return fmt::format("{}", fmt::join(sentences, ". "));
  };
  std::string sentence =
      missing(needs.functions, functions, "calls the function", "--function", "=FILE");
  const auto add = [&](const std::set<std::string>& wanted, std::string_view asks) {
    const std::string more = missing(wanted, buckets, asks, "--bucket",
                                     "=DIRECTORY (or the URL of an S3 server), or --buckets with a "
                                     "directory that has it");
    if (!sentence.empty() && !more.empty()) sentence += ". ";
    sentence += more;
  };
  add(needs.buckets, "lists the bucket");
  add(needs.result_buckets, "writes results to the bucket");
  if (sentence.empty()) return {};
  return fail(ErrorCode::kInvalidArgument, sentence);
}

Uncalled uncalled_function(const Needs& needs, const std::vector<std::string>& given) {
  if (needs.computes_functions) return {};
  const std::vector<std::string_view> called(needs.functions.begin(), needs.functions.end());
  Uncalled found;
  for (const std::string& name : given) {
    if (needs.functions.contains(name)) continue;
    const std::string meant = asl::nearest(name, called);
    if (!found.sentence.empty() && meant.empty()) continue;
    found = {
        .sentence = fmt::format("The definition calls no function '{}'{}", name,
                                meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)),
        .mistyped = !meant.empty()};
    if (found.mistyped) break;
  }
  return found;
}

namespace {

base::Result<void> check_all_needs(Needs needs, const server::ServeOptions& options) {
  if (!options.s3_endpoint.empty()) {  // it may have them all
    needs.buckets.clear();
    needs.result_buckets.clear();
  }
  const s3::HomeFolders folders = folders_of_buckets(options);
  for (const std::string& bucket : needs.buckets) {
    if (const auto found = folders.others.find(bucket); found != folders.others.end()) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("The definition lists the bucket '{}', and the folder of this name in {} "
                      "is none: {}",
                      bucket, options.buckets_home, found->second));
    }
  }
  return check_needs(needs, function_names(options), bucket_names(options));
}

}  // namespace

base::Result<void> check_needs(Needs needs, const server::ServeOptions& options) {
  needs.result_buckets.clear();
  return check_all_needs(std::move(needs), options);
}

base::Result<void> check_needs_of_open(const asl::Program& program,
                                       const server::ServeOptions& options) {
  return check_all_needs(needs_of(program), options);
}

}  // namespace weft::cli
