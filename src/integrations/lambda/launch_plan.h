#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "integrations/lambda/function_config.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/spawn.h"

namespace weft::lambda {

// How a process of one function is started: found once, used for every start. A plain value.
struct LaunchPlan {
  std::vector<std::string> arguments;              // arguments[0] is the program's absolute path
  std::string directory;                           // working directory, also LAMBDA_TASK_ROOT
  std::map<std::string, std::string> environment;  // complete but for what differs per process
  std::optional<RunAs> user;
  std::string source;  // the file that is run; of Node and Python the one with the handler
};

// Where the bootstraps that ship with Weft lie, and the interpreters found for them.
struct Runtimes {
  std::string directory;
  std::string node_bootstrap;  // file paths
  std::string python_bootstrap;
  std::string node_program;  // absolute; "" until one function needs it
  std::string python_program;
};

// What a function runs, without what runs it.
struct FoundSource {
  std::string directory;
  std::string file;
  std::string entry;    // in the file; "" of what runs itself
  std::string handler;  // AWS's _HANDLER
};
// The part of make_launch_plan() that needs no interpreter, with its errors.
base::Result<FoundSource> find_source(const FunctionConfig& config);

// Decides what starts `config.path`:
//   executable file                        -> itself (custom runtime)
//   directory with an executable bootstrap -> that
//   .mjs .js .cjs file                     -> node with Weft's bootstrap
//   .py file                               -> python3 with Weft's bootstrap
//   directory, handler `file.export`       -> file.mjs, .js, .cjs or .py inside it, as AWS finds it
//   the same, handler `a.b.function`       -> a/b.py, a module of a package
//   directory, default handler             -> index.mjs/.js/.cjs:handler,
//   lambda_function.py:lambda_handler
// Errors (kInvalidArgument) name the function, the path and what was looked for.
base::Result<LaunchPlan> make_launch_plan(const FunctionConfig& config, const PoolOptions& options,
                                          Runtimes& runtimes);

// arn:aws:lambda:REGION:ACCOUNT:function:NAME
std::string function_arn(const PoolOptions& options, const std::string& name);

}  // namespace weft::lambda
