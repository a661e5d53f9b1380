#pragma once

#include <expected>
#include <functional>

#include "api/call.h"

// The operations of the service, one file each. Each reads its members, checks them, and returns
// the JSON text of its answer. They block (store reads, commits): call them on a worker thread.
// Source of behaviour: AWS Step Functions API reference, the page of the operation's name.

namespace weft::api {

aws::Reply create_activity(Call& call);
aws::Reply create_state_machine(Call& call);
aws::Reply delete_activity(Call& call);
aws::Reply delete_state_machine(Call& call);
aws::Reply describe_activity(Call& call);
aws::Reply describe_execution(Call& call);
aws::Reply describe_map_run(Call& call);
aws::Reply describe_state_machine(Call& call);
aws::Reply describe_state_machine_for_execution(Call& call);
aws::Reply get_execution_history(Call& call);
aws::Reply list_activities(Call& call);
aws::Reply list_executions(Call& call);
aws::Reply list_map_runs(Call& call);
aws::Reply list_state_machines(Call& call);
aws::Reply list_tags_for_resource(Call& call);
aws::Reply redrive_execution(Call& call);
aws::Reply send_task_failure(Call& call);
aws::Reply send_task_heartbeat(Call& call);
aws::Reply send_task_success(Call& call);
aws::Reply start_execution(Call& call);
// Both starts read the same members.
std::expected<running::StartExecution, aws::Fault> execution_start(Call& call);
aws::Reply stop_execution(Call& call);
aws::Reply tag_resource(Call& call);
aws::Reply untag_resource(Call& call);
aws::Reply update_map_run(Call& call);
aws::Reply update_state_machine(Call& call);
aws::Reply validate_state_machine_definition(Call& call);

// Operations that answer when something has happened: they return before, and `reply` is called on
// any thread.
using LaterReply = std::move_only_function<void(aws::Reply)>;
// Answers when there is work, or after a minute without any: with `{}`. Keeps no thread meanwhile.
void get_activity_task(Call& call, LaterReply reply);
void start_sync_execution(Call& call, LaterReply reply);
void test_state(Call& call, LaterReply reply);

}  // namespace weft::api
