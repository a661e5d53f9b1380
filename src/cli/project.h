#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "definitions/template.h"
#include "server/options.h"

namespace weft::cli {

// A template out of a file, with the definition files that it names.
struct TemplateFile {
  std::shared_ptr<const definitions::Source> source;
  definitions::Template content;
};

// Nothing when the file holds no template but a definition, or what is neither.
std::optional<TemplateFile> read_template_file(
    const std::shared_ptr<const definitions::Source>& source,
    const definitions::Substitutions& substitutions);

// The state machine of this logical ID, or the only one; `any`: where none is named, the first.
base::Result<const definitions::TemplateMachine*> choose_machine(const TemplateFile& file,
                                                                 const std::string& resource,
                                                                 bool any);

// What `weft run TEMPLATE` runs.
struct Project {
  DefinitionFile main;
  std::map<std::string, DefinitionFile> others;     // the template's other state machines, by name
  std::map<std::string, std::string> missing;       // functions that cannot run here: name to why
  std::map<std::string, records::Tags> activities;  // the template's, by name
};

// Reads the template that `flags.definition` is, and adds its functions and buckets to `options`:
// those that the flags name already stay as they say. Makes the directories of its buckets (below
// --buckets, or beside the data directory), and files for code that stands in the template. Nothing
// when the file is no template. kInvalidArgument: which state machine is meant, or what cannot be
// had.
base::Result<std::optional<Project>> open_project(const RunFlags& flags,
                                                  const definitions::Substitutions& substitutions,
                                                  server::ServeOptions& options);

// The same of a template for its functions and buckets alone, for commands that run something else
// with them; directories of buckets lie beside `data_directory` (or below --buckets). Nothing
// happens when `flags` name none. Returns the functions that cannot run here, name to why.
// kInvalidArgument, too, when the file is no template.
base::Result<std::map<std::string, std::string>> add_template(const TemplateFlags& flags,
                                                              const std::string& data_directory,
                                                              server::ServeOptions& options);

}  // namespace weft::cli
