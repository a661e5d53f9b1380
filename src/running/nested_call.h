#pragma once

#include <string>

#include "base/error.h"
#include "integrations/task_router.h"
#include "reading/query.h"
#include "running/host.h"

// What startExecution is asked, and the texts of its answers (AWS Step Functions developer guide,
// "Start workflow executions from a task state").

namespace weft::running {

// The call that a task's evaluated parameters make; the message of an error is the whole cause.
base::Result<StartExecution> nested_start_of(const integrations::TaskRequest& request);

// The answer to the call itself: what TaskSubmitted, or TaskSucceeded without .sync, has as output.
std::string nested_started_text(const integrations::TaskRequest& request,
                                const records::ExecutionRecord& nested);

// The call was refused.
engine::TaskFailed nested_refused(const integrations::TaskRequest& request,
                                  const base::Error& error);

// What a .sync task comes to, once the nested execution has ended.
engine::Input nested_outcome(const integrations::TaskRequest& request,
                             const reading::ExecutionView& nested);

// The answer of startSyncExecution: how the Express execution came out.
std::string nested_synchronous_text(const reading::ExecutionView& nested);

}  // namespace weft::running
