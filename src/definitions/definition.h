#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "asl/compile.h"
#include "definitions/source.h"

namespace weft::definitions {

// Values for the `${Name}` of a definition.
using Substitutions = std::map<std::string, std::string>;

// The definition of a state machine: JSON as AWS gets to see it, every byte with the place where it
// was written. `findings` are of reading it; with an error among them the text is what could not be
// read.
struct Definition {
  std::shared_ptr<const Source> json;
  std::vector<Finding> findings;
  std::set<std::string> names{};  // of the `${Name}` in it, those of values with them

  bool is_readable() const;
};

// A sentence for each of `given` that no `${Name}` of `names` stands for: it may be mistyped.
std::vector<std::string> unused_values(const Substitutions& given,
                                       const std::set<std::string>& names);

// How a definition's text is told to be JSON or YAML.
enum class Format : uint8_t {
  kJson,
  kYaml,
  // JSON, and what is none YAML: as CloudFormation reads a definition file ("DefinitionS3Location"
  // in AWS's handler of AWS::StepFunctions::StateMachine).
  kEither,
};
// By the ending of a file's name: `.yaml` and `.yml`, else JSON.
Format format_of(std::string_view path);

// Fills in `substitutions` and makes JSON of it. As by AWS this is text in the place of text: a
// value is not quoted, and what it holds is filled in, too. A `${Name}` without a value stays and
// is a warning.
Definition read_definition(const std::shared_ptr<const Source>& source, Format format,
                           const Substitutions& substitutions);

// The name of the first `${Name}` in a text; "" when there is none.
std::string_view unfilled_name(std::string_view text);

// A file's text as it is.
std::shared_ptr<const Source> file_source(std::string path, std::string text);

// The findings of compiling `definition`, with the lines and columns of the files that they stand
// in.
struct Located {
  asl::Diagnostic diagnostic;            // line and column: in `file`
  std::shared_ptr<const Source> source;  // the file; null when the finding has no place
};
std::vector<Located> locate(const Definition& definition,
                            const std::vector<asl::Diagnostic>& diagnostics);

}  // namespace weft::definitions
