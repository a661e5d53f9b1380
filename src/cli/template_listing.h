#pragma once

#include <set>
#include <string>

#include "base/error.h"
#include "cli/project.h"
#include "cli/validate.h"

namespace weft::cli {

// `weft validate TEMPLATE`: prints all state machines with their findings, the functions and
// buckets as they would run, and what cannot be resolved. The exit status: 0 every state machine
// (or the one that the flags name) is valid and the template has no error, else 1.
// `given`: functions beside the template's; with any of either, calls of others are errors, and so
// are calls of those of the template that cannot run here, as for `weft run`.
// kInvalidArgument: there is no such state machine.
base::Result<int> validate_template(const TemplateFile& file, std::set<std::string> given,
                                    const ValidateFlags& flags);

}  // namespace weft::cli
