#include <fmt/format.h>

#include "engine/turn.h"

namespace weft::engine {

using history::Event;
using history::EventType;

namespace {

// The event family of a Task, by what it calls (AWS page "Lambda", "Activities", "Integrating
// services").
struct Family {
  EventType scheduled, started, succeeded, failed, timed_out;
};

Family family_of(asl::TaskResource::Kind kind) {
  using enum EventType;
  switch (kind) {
    case asl::TaskResource::Kind::kLambdaFunction:
      return {kLambdaFunctionScheduled, kLambdaFunctionStarted, kLambdaFunctionSucceeded,
              kLambdaFunctionFailed, kLambdaFunctionTimedOut};
    case asl::TaskResource::Kind::kActivity:
      return {kActivityScheduled, kActivityStarted, kActivitySucceeded, kActivityFailed,
              kActivityTimedOut};
    case asl::TaskResource::Kind::kService:
      break;
  }
  return {kTaskScheduled, kTaskStarted, kTaskSucceeded, kTaskFailed, kTaskTimedOut};
}

void name_resource(Event& e, const asl::TaskResource& resource) {
  if (resource.kind == asl::TaskResource::Kind::kService) {
    e.resource = resource.resource;
    e.resource_type = resource.resource_type;
  } else if (e.type == EventType::kLambdaFunctionScheduled ||
             e.type == EventType::kActivityScheduled) {
    e.resource = resource.arn;
  }
}

constexpr int64_t kTimeoutSecondsMax = 99'999'999;

Failure result_too_large(const asl::TaskResource& resource) {
  const bool service = resource.kind == asl::TaskResource::Kind::kService;
  return {.error = "States.DataLimitExceeded",
          .cause = fmt::format(
              "The state/task '{}' returned a result with a size exceeding the maximum number of "
              "bytes service limit.",
              service ? resource.resource_type : resource.arn),
          .data_limit = DataLimit::kResult};
}

}  // namespace

void Turn::start_task(Scope& current) {
  const asl::State& state = state_of(current);
  const auto& body = std::get<asl::TaskState>(state.body);
  const ScopeId id = current.id;
  Context context(*this, current);
  asl::Evaluation values = evaluation(current, context);

  auto parameters = body.arguments ? values.evaluate_text(*body.arguments) : values.input_text();
  if (!parameters) return fail_evaluation(id, parameters.error());
  if (parameters->size() > surroundings_.state_data_bytes_max)
    return data_limit_exceeded(id, state.name, current.last_id);
  Event scheduled = event(family_of(body.resource.kind).scheduled, current, current.last_id);
  name_resource(scheduled, body.resource);
  scheduled.text = *parameters;
  if (body.timeout_seconds) {
    auto seconds = values.evaluate_integer(*body.timeout_seconds, 1, kTimeoutSecondsMax);
    if (!seconds) return fail_evaluation(id, seconds.error());
    scheduled.timeout_seconds = *seconds;
  }
  if (body.heartbeat_seconds) {
    auto seconds = values.evaluate_integer(*body.heartbeat_seconds, 1, kTimeoutSecondsMax);
    if (!seconds) return fail_evaluation(id, seconds.error());
    scheduled.heartbeat_seconds = *seconds;
  }
  const bool activity = body.resource.kind == asl::TaskResource::Kind::kActivity;
  if (activity && !surroundings_.task_tokens.activity_exists(body.resource.arn)) {
    return fail(id, {.error = "States.Runtime",
                     .cause = cause_prefix(current) +
                              fmt::format("The activity {} does not exist.", body.resource.arn),
                     .event_id = current.last_id});
  }
  const uint64_t scheduled_id = commit(std::move(scheduled));
  if (!activity) {  // a worker starts it
    Event started = event(family_of(body.resource.kind).started, scope(id), scheduled_id);
    name_resource(started, body.resource);
    commit(std::move(started));
  }
  const Scope& waiting = scope(id);
  decision_.actions.emplace_back(
      InvokeTask{.scope = id,
                 .task = waiting.task,
                 .state = waiting.state,
                 .parameters = waiting.task_parameters,
                 .deadline_ms = waiting.task_deadline_ms,
                 .heartbeat_seconds = activity ? 0 : waiting.task_heartbeat_seconds});
}

std::string Turn::token_of(const Scope& current) const {
  const bool out = current.waiting == Waiting::kTask || current.waiting == Waiting::kAnswered;
  return surroundings_.task_tokens.token(out ? current.task : state_.tasks + 1);
}

void Turn::take_back(const Scope& current) {
  const auto& resource = std::get<asl::TaskState>(state_of(current).body).resource;
  if (resource.kind == asl::TaskResource::Kind::kActivity && !current.task_submitted)
    decision_.actions.emplace_back(CancelTask{current.task});
}

Scope* Turn::waiting_for(ScopeId id, uint32_t task) {
  Scope* found = state_.find(id);
  const bool waits = found != nullptr && found->waiting == Waiting::kTask && found->task == task;
  return waits ? found : nullptr;
}

void Turn::on(const TaskSubmitted& input) {
  Scope* current = waiting_for(input.scope, input.task);
  if (current == nullptr || current->task_submitted) return;
  const auto& resource = std::get<asl::TaskState>(state_of(*current).body).resource;
  if (input.output.size() > surroundings_.state_data_bytes_max)
    return task_ended(*current, result_too_large(resource), false, input.timing);
  Event e = event(EventType::kTaskSubmitted, *current, current->last_id);
  name_resource(e, resource);
  e.text = input.output;
  e.timing = input.timing;
  commit(std::move(e));
}

void Turn::on(const ActivityStarted& input) {
  const Scope* current = waiting_for(input.scope, input.task);
  if (current == nullptr || current->task_submitted) return;
  const ScopeId id = current->id;
  Event e = event(EventType::kActivityStarted, *current, current->last_id);
  e.name = input.worker;
  commit(std::move(e));
  const Scope& started = scope(id);
  decision_.actions.emplace_back(HandOut{
      .scope = id, .task = started.task, .heartbeat_seconds = started.task_heartbeat_seconds});
}

void Turn::on(const TaskSucceeded& input) {
  Scope* current = waiting_for(input.scope, input.task);
  if (current == nullptr) return;
  const auto& resource = std::get<asl::TaskState>(state_of(*current).body).resource;
  take_back(*current);
  if (input.output.size() > surroundings_.state_data_bytes_max) {
    return task_ended(*current, result_too_large(resource), false, input.timing);
  }
  const asl::QueryLanguage language = state_of(*current).language;
  if (auto parsed = asl::parse(input.output.view(), surroundings_.arena, language); !parsed) {
    return task_ended(
        *current,
        {.error = "States.Runtime",
         .cause = "The task returned a result that is no JSON: " + parsed.error().message},
        false, input.timing);
  } else {
    parsed_.push_back({input.output, language, *parsed});
  }
  Event e = event(family_of(resource.kind).succeeded, *current, current->last_id);
  name_resource(e, resource);
  e.text = input.output;
  e.timing = input.timing;
  const ScopeId id = current->id;
  const uint64_t succeeded = commit(std::move(e));
  leave(id, input.output, succeeded);
}

void Turn::on(const TaskFailed& input) {
  Scope* current = waiting_for(input.scope, input.task);
  if (current == nullptr) return;
  take_back(*current);
  if (input.too_large) {
    const auto& resource = std::get<asl::TaskState>(state_of(*current).body).resource;
    return task_ended(*current, result_too_large(resource), false, input.timing);
  }
  Failure failure;
  if (!input.error.empty()) failure.error = input.error;
  if (!input.cause.empty()) failure.cause = input.cause;
  task_ended(*current, std::move(failure), false, input.timing);
}

void Turn::on(const TaskDeadline& input) {
  Scope* current = waiting_for(input.scope, input.task);
  if (current == nullptr) return;
  decision_.actions.emplace_back(CancelTask{current->task});
  // AWS writes a heartbeat that did not come as a time-out, too.
  task_ended(*current, {.error = "States.Timeout", .heartbeat = input.heartbeat}, true,
             input.timing);
}

void Turn::task_ended(Scope& current, Failure failure, bool timed_out,
                      const std::optional<history::InvocationTiming>& timing) {
  const auto& resource = std::get<asl::TaskState>(state_of(current).body).resource;
  const Family family = family_of(resource.kind);
  Event e = event(timed_out ? family.timed_out : family.failed, current, current.last_id);
  name_resource(e, resource);
  e.error = failure.error;
  e.cause = failure.cause;
  e.timing = timing;
  const ScopeId id = current.id;
  failure.event_id = commit(std::move(e));
  fail(id, std::move(failure));
}

}  // namespace weft::engine
