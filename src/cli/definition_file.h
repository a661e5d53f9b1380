#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "asl/compile.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/flags.h"
#include "definitions/definition.h"
#include "records/records.h"

namespace weft::cli {

// What a template says of a state machine beside its definition.
struct MachineSettings {
  std::string role_arn;  // "" when it says none
  records::LoggingConfiguration logging;
  bool tracing = false;
  records::Tags tags;
};

// A state machine definition out of a file, not compiled yet.
struct DefinitionFile {
  std::string path;
  std::string machine_name;  // the file's name without `.asl.json`, `.json`, `.yaml` or `.yml`
  base::Text text;           // JSON
  // The same with the places of the file (or template) that it was read from.
  definitions::Definition definition;
  bool express = false;
  std::optional<MachineSettings> settings{};  // of a template's: what a definition's file has not
};

// Fills in `${Name}` and makes JSON of YAML (definitions::read_definition). kInvalidArgument:
// unreadable, no YAML, or no machine name can be made of the file's name.
base::Result<DefinitionFile> read_definition_file(
    const std::string& path, const definitions::Substitutions& substitutions = {});

// The same of a flag `[NAME=]FILE[,type=EXPRESS]`.
base::Result<DefinitionFile> read_named_definition(
    const std::string& flag, const definitions::Substitutions& substitutions = {});

// JSON or YAML as the file's name says it; standard input ("-") as its first character does.
definitions::Format format_of_file(const std::string& path, std::string_view text);

// The values of --substitute NAME=VALUE and --substitute @FILE (an object in JSON or YAML); later
// ones win. kInvalidArgument names the flag.
base::Result<definitions::Substitutions> read_substitutions(const std::vector<std::string>& flags);

// What a definition asks for by name: functions it calls, buckets it lists or writes to, state
// machines it starts. Names that expressions compute are not among them.
struct Needs {
  std::set<std::string> functions;
  std::set<std::string> buckets;
  std::set<std::string> result_buckets;  // results of Map Runs are written to
  std::set<std::string> machines;
  std::set<std::string> activities;  // ARNs
  bool computes_functions = false;   // there are expressions that name more functions
};
Needs needs_of(const asl::Program& program);

// Why a task that calls this name or ARN cannot: none of `functions` is called so.
asl::FunctionProblem function_problem(std::string_view called,
                                      const std::set<std::string>& functions);

// A sentence about the flags that are missing; nothing when all are there.
base::Result<void> check_needs(const Needs& needs, const std::set<std::string>& functions,
                               const std::set<std::string>& buckets);
// The same with what these options give. Buckets for results are not asked for: they may be made
// before they are needed.
base::Result<void> check_needs(Needs needs, const server::ServeOptions& options);
// The same for an execution that is open: its results would find no bucket once all is done.
base::Result<void> check_needs_of_open(const asl::Program& program,
                                       const server::ServeOptions& options);

// A function that is given and that the definition calls under no name.
struct Uncalled {
  std::string sentence;   // "" when there is none
  bool mistyped = false;  // it is nearly the name of one that is called
};
Uncalled uncalled_function(const Needs& needs, const std::vector<std::string>& given);

// Bytes of a file that is read as a whole; devices have no end.
inline constexpr size_t kFileBytesMax = size_t{256} << 20;
// The bytes of a file ("-": standard input). Standard input and pipes are read once and told again.
// kInvalidArgument names the path and why it cannot be read; that it has more than `bytes_max` is
// one reason.
base::Result<std::string> read_file(const std::string& path, size_t bytes_max = kFileBytesMax);
// The same of a definition or a template, as large as AWS takes one.
base::Result<std::string> read_definition_text(const std::string& path);

}  // namespace weft::cli
