#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::lambda {

// What becomes of a call without an outcome when Weft ended, once Weft goes on (call_ledger.h).
// What is not delivered again fails with Lambda.Unknown.
enum class UnknownOutcome : uint8_t {
  kRedeliverUnlessFatal,  // delivered again, but not when Weft has died with it again and again
  kRedeliver,             // delivered again, whatever became of Weft
  kFail,                  // not delivered again when a process may have worked on it
};

// One local function as the user described it. A plain value.
struct FunctionConfig {
  // AWS's function name: 1 to 64 letters, digits, `-` and `_`.
  std::string name;
  // What runs it: an executable that speaks the Runtime API (a custom `bootstrap`), a directory
  // that holds one, a file `x.mjs`, `x.js`, `x.cjs` or `x.py`, or a directory with such files (see
  // launch_plan.h for which one is taken).
  std::string path;
  // Export or function name inside the file; for a directory AWS's form `file.export`.
  std::string handler = "handler";
  // Processes at once. Invocations beyond that wait in a queue.
  int concurrency = 4;
  // From the delivery of an invocation to its answer; the process is killed after it. AWS: 3 s by
  // default, 900 s at most.
  std::chrono::milliseconds timeout{60'000};
  // From the start of a process to its first request for work.
  std::chrono::milliseconds init_timeout{30'000};
  // Told to the function (context object, AWS_LAMBDA_FUNCTION_MEMORY_SIZE); what its processes may
  // write to is bound by process_memory(). MiB.
  int memory_mb = 512;
  // AWS's LogFormat, "Text" or "JSON": how the runtimes for Node and Python write what is logged.
  std::string log_format = "Text";
  // AWS's ApplicationLogLevel: TRACE, DEBUG, INFO, WARN, ERROR or FATAL; what is below is left out.
  // With JSON only, as on AWS ("Configuring JSON and plain text log formats").
  std::string log_level = "INFO";
  // The user of this machine whom its processes run as, by name; "" = Weft's own. Only root can
  // run them as another.
  std::string user;
  // AWS has no such setting.
  UnknownOutcome unknown_outcome = UnknownOutcome::kRedeliverUnlessFatal;
  // Added to the process environment; wins over everything Weft sets.
  std::map<std::string, std::string> environment;
};

// How much private memory one process of the function may write to, in bytes: `memory_mb` and the
// room that a runtime takes without using it (Node: 200 MiB), above all for the stacks of threads,
// 8 MiB each: 128 of them, more than the pools of most code.
uint64_t process_memory(const FunctionConfig& config);

// A setting of a function by name, as the flag and a file of settings have it.
struct FunctionSetting {
  std::string_view name;
  bool number;  // else a text
};
// All but `env.KEY`, of which there are as many as variables.
std::span<const FunctionSetting> function_settings();
// Sets one of them, or `env.KEY`. kInvalidArgument: one sentence that names it and what it should
// be.
base::Result<void> set_function_setting(FunctionConfig& config, std::string_view key,
                                        std::string_view value);
// The same error for what is no name of a function, and for a function that was given a log_level
// without log_format=JSON.
base::Result<void> check_function_name(std::string_view name);
base::Result<void> check_log_level(const FunctionConfig& config);

// Parses `NAME=PATH[:HANDLER][,concurrency=N,timeout=SECONDS,memory=MIB,log_format=JSON,
// log_level=DEBUG,unknown_outcome=fail,env.KEY=VALUE ...]`, the value of `--function`. A comma
// cannot occur in PATH or in values. Errors (kInvalidArgument) name the part that is wrong and what
// it should be.
base::Result<FunctionConfig> parse_function_flag(std::string_view text);

}  // namespace weft::lambda
