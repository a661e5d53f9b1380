#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "reading/query.h"
#include "running/nested_executions.h"
#include "running/ports.h"
#include "running/programs.h"
#include "running/requests.h"

namespace weft::running {

// From the system's source of randomness.
uint64_t random_u64();

// kStateMachineTypeNotSupported, in AWS's words.
std::unexpected<base::Error> not_of_this_type();

// What the start of an execution is made of, whoever starts it. Thread-safe.
class ExecutionStart {
 public:
  // Both outlive it. `bytes_max`: of an input.
  ExecutionStart(const reading::Query& query, Programs& programs, size_t bytes_max)
      : query_(query), programs_(programs), bytes_max_(bytes_max) {}

  // Checks `start`, gives it a name when it has none, and makes a record without key and time.
  // Reads the store. Errors are those of StartExecution; kStateMachineTypeNotSupported also where
  // the task `by` would wait for the end of an Express execution.
  base::Result<StartTopLevel> prepare(StartExecution& start, ExecutionStarts::Task by) const;
  // The execution of this name, when the start is the one that made it, or AWS takes it for that.
  base::Result<std::optional<records::ExecutionRecord>> existing(
      const StartExecution& request, const records::ExecutionRecord& wanted) const;
  // Gives an Express execution the ARN that leads to its key. Its own trace is that ARN's.
  void name_express(records::ExecutionRecord& record) const;

 private:
  const reading::Query& query_;
  Programs& programs_;
  const size_t bytes_max_;
};

}  // namespace weft::running
