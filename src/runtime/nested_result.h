#pragma once

#include <string>

#include "base/error.h"
#include "runtime/host.h"
#include "runtime/query.h"
#include "runtime/tasks.h"

// What startExecution is asked, and the texts of its answers (spec asl.md 8.4).

namespace weft::runtime {

// The call that a task's evaluated parameters make; the message of an error is the whole cause.
base::Result<StartExecution> nested_start_of(const TaskRequest& request);

// The answer to the call itself: what TaskSubmitted, or TaskSucceeded without .sync, has as output.
std::string nested_started_text(const TaskRequest& request, const ExecutionRecord& nested);

// The call was refused.
engine::TaskFailed nested_refused(const TaskRequest& request, const base::Error& error);

// What a .sync task comes to, once the nested execution has ended.
engine::Input nested_outcome(const TaskRequest& request, const ExecutionView& nested);

}  // namespace weft::runtime
