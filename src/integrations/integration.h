#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "integrations/task.h"

// What a service that tasks call is made of, as far as others see it: the rest is in its folder.

namespace weft::integrations {

class CallTracing;

// A resource without its pattern: "http" and "invoke" of arn:aws:states:::http:invoke. Literals.
struct TaskApi {
  std::string_view service;
  std::string_view api;
};

// A repeatable option that `weft run` and `weft serve` take for a service. Literals.
struct Flag {
  const char* name;   // "--connection"
  const char* value;  // "NAME=FILE"
  const char* help;
};
// By name; every value as typed.
using FlagValues = std::map<std::string, std::vector<std::string>, std::less<>>;

// What a service finds around it. A plain value.
struct Surroundings {
  std::string region;
  size_t calls_max = 0;            // connections it may hold at once
  bool reached_by_others = false;  // the API listens beyond this machine
  FlagValues flags;
};

// A service at work: one for a process. Thread-safe after runner().
class Integration {
 public:
  virtual ~Integration() = default;
  virtual std::span<const TaskApi> apis() const = 0;
  // Called once, before the first task. `tracing` outlives the integration's last call.
  virtual TaskRunner& runner(CallTracing& tracing) = 0;
  // Drops all calls; none of their outcomes is told afterwards, and no task may be run.
  virtual void shutdown() = 0;
};

// A service as it stands in the registry.
struct Service {
  std::string_view title;  // of its options in --help
  std::span<const TaskApi> apis;
  std::span<const Flag> flags;
  // Whether the values of its flags can be used. kInvalidArgument: one sentence that names the
  // flag.
  base::Result<void> (*check)(const Surroundings& surroundings);
  // The same errors.
  base::Result<std::unique_ptr<Integration>> (*open)(const Surroundings& surroundings);
};

}  // namespace weft::integrations
