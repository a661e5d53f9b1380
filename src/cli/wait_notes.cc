#include "cli/wait_notes.h"

#include <string_view>

#include <fmt/format.h>

#include "arn/arn.h"
#include "terminal/text.h"

namespace weft::cli {

std::vector<std::string> WaitNotes::fresh(const std::vector<running::WaitingTask>& waiting) {
  std::vector<std::string> notes;
  for (const running::WaitingTask& task : waiting) {
    const bool activity = arn::arn_parts(task.resource).kind == "activity";
    // A worker has it, who knows what to do.
    if (activity && !task.task_token.empty()) continue;
    if (!told_.insert(task.attempt).second) continue;
    const std::string state = terminal::single_line(task.state_name);
    if (activity) {
      notes.push_back(
          fmt::format("{0} waits for a worker of the activity {1}; one asks for the work with\n"
                      "  aws stepfunctions get-activity-task --endpoint-url {2} --activity-arn {3}",
                      state, terminal::single_line(arn::arn_parts(task.resource).machine), url_,
                      terminal::single_line(task.resource)));
    } else {
      notes.push_back(
          fmt::format("{0} waits for a task token; whoever decides answers with\n"
                      "  aws stepfunctions send-task-success --endpoint-url {1} --task-token {2} "
                      "--task-output '{{}}'",
                      state, url_, task.task_token));
    }
  }
  return notes;
}

}  // namespace weft::cli
