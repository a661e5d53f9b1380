#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "history/rows.h"
#include "running/host.h"
#include "server/server.h"

// What the commands that run executions share: to wait for their end, and to end.

namespace weft::cli {

// Of a command that ran an execution (docs/reference/cli.md).
int exit_status(history::ExecutionStatus status);

// ARNs of the open top-level executions that run here, newest first, those that others started
// after them.
base::Result<std::vector<std::string>> open_executions(const reading::Query& query);

// Starts the server. Open executions whose functions or buckets are not among `options` stay as
// they are, and it is said what to add; `weft run --resume` refuses in that case.
base::Result<void> go_on(server::Server& server, const server::ServeOptions& options);

// Shows progress until the execution has ended; stops it (and `others`) when the user interrupts.
// `url`: of the API.
void follow(running::Host& host, const std::string& url, const std::string& arn,
            const std::vector<std::string>& others, bool quiet);

// Says how many function calls are open: they end with the program.
void warn_of_open_calls(const server::Server& server);

// Waits until calls with InvocationType Event have ended (until the user interrupts), functions
// have sent their spans and have ended, and the spans were pushed. How many had come before.
uint64_t finish_telemetry(server::Server& server);

}  // namespace weft::cli
