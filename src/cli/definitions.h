#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "running/host.h"
#include "server/options.h"

namespace weft::cli {

// The definitions of one run: the state machine that is started, then those that its tasks may
// start, and the names of state machines that they do start.
struct Definitions {
  std::vector<DefinitionFile> files;
  std::set<std::string> started;
  Needs needs;                                 // of all of them: functions and activities
  std::map<std::string, std::string> missing;  // functions of the template that cannot run: why
  std::map<std::string, records::Tags> activities;  // of the template, by name
  bool of_template = false;
};

// What `flags` name: the definition or template, and the files of --state-machine. The functions
// and buckets of a template are added to `options`. kInvalidArgument names the first that does not
// do.
base::Result<Definitions> load_definitions(const RunFlags& flags, server::ServeOptions& options);
// The first of them alone, unchecked.
base::Result<DefinitionFile> find_main(const RunFlags& flags, server::ServeOptions& options);

// Checks a definition, and that the functions and buckets it asks for are among `options`; prints
// findings as `weft validate` does.
base::Result<void> add_definition(DefinitionFile file, const server::ServeOptions& options,
                                  Definitions& all);
// The same of what `[NAME=]FILE` of --state-machine names.
base::Result<void> add_machines(const std::vector<std::string>& flags,
                                const definitions::Substitutions& substitutions,
                                const server::ServeOptions& options, Definitions& all);

// The first of `flags`, --function NAME=PATH, whose function none of them calls.
Uncalled uncalled_function(const Definitions& definitions, const std::vector<std::string>& flags);

// Makes the activities of the template; those that are there stay as they are.
base::Result<void> put_activities(running::Host& host, const Definitions& definitions);

// A sentence about the tasks whose activity neither is in the store nor is the template's; "" when
// there are none. Such a task fails.
std::string missing_activities(const reading::Query& query, const Definitions& definitions);

// Makes a state machine of each, and the template's activities; the ARN of the first. One of the
// same name with another definition has a new revision (its executions keep the one they started
// with). What they start must be there then.
base::Result<std::string> put_machines(running::Host& host, const Definitions& definitions);

// What a flag `NAME JSON` or `NAME @FILE` holds. kInvalidArgument names the flag.
base::Result<base::Text> read_json_flag(std::string_view name, const std::string& value);

}  // namespace weft::cli
