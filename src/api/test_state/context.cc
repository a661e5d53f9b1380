#include "api/test_state/context.h"

#include <array>

#include <fmt/format.h>

#include "asl/evaluate.h"
#include "asl/map_item.h"
#include "json/build.h"

namespace weft::api {
namespace {

enum class Kind : uint8_t { kAny, kText, kNumber };
struct Field {
  std::string_view section;
  std::string_view name;
  Kind kind;
};

// AWS page "Accessing execution data from the Context object".
constexpr std::array kFields = {Field{"Execution", "Id", Kind::kText},
                                Field{"Execution", "Input", Kind::kAny},
                                Field{"Execution", "Name", Kind::kText},
                                Field{"Execution", "RoleArn", Kind::kText},
                                Field{"Execution", "StartTime", Kind::kText},
                                Field{"Execution", "RedriveCount", Kind::kNumber},
                                Field{"Execution", "RedriveTime", Kind::kText},
                                Field{"State", "EnteredTime", Kind::kText},
                                Field{"State", "Name", Kind::kText},
                                Field{"State", "RetryCount", Kind::kNumber},
                                Field{"StateMachine", "Id", Kind::kText},
                                Field{"StateMachine", "Name", Kind::kText},
                                Field{"Task", "Token", Kind::kText}};

std::unexpected<aws::Fault> invalid(std::string_view why) {
  return refused(fmt::format("Invalid Context object provided: {}", why));
}

std::expected<void, aws::Fault> check_section(std::string_view section, json::Value members) {
  if (!members.is_object()) return invalid(fmt::format("{} must be an object", section));
  for (size_t i = 0; i < members.size(); ++i) {
    const std::string_view name = members.key(i);
    const json::Value value = members.member(i);
    const Field* known = nullptr;
    for (const Field& field : kFields) {
      if (field.section == section && field.name == name) known = &field;
    }
    if (known == nullptr) return invalid(fmt::format("Field '{}' is not allowed", name));
    if (known->kind == Kind::kText && !value.is_string())
      return invalid(fmt::format("{}.{} must be a string", section, name));
    if (known->kind == Kind::kNumber && !value.is_number())
      return invalid(fmt::format("{}.{} must be a number", section, name));
  }
  return {};
}

std::expected<void, aws::Fault> check_context(json::Value context, const TestSubject& subject) {
  const asl::TaskResource* resource = subject.resource();
  for (size_t i = 0; i < context.size(); ++i) {
    const std::string_view section = context.key(i);
    if (section == "Map")
      return invalid("'Map' field is not supported when mocking a Context object");
    bool known = false;
    for (const Field& field : kFields) known = known || field.section == section;
    if (!known) return invalid(fmt::format("Field '{}' is not allowed", section));
    if (section == "Task" && (resource == nullptr || !ends_elsewhere(*resource))) {
      return invalid(
          "Context object contains 'Task' when state is not a Task state with a '.sync' or "
          "'.waitForTaskToken' service integration pattern");
    }
    if (auto ok = check_section(section, context.member(i)); !ok) return ok;
  }
  return {};
}

std::expected<json::Value, aws::Fault> given_context(const TestRequest& request,
                                                     const TestSubject& subject,
                                                     json::Arena& arena) {
  auto context = asl::parse(request.context->view(), arena, subject.state().language);
  if (!context) return invalid(fmt::format("it is not JSON: {}", context.error().message));
  if (!context->is_object()) return invalid("it must be an object");
  if (auto ok = check_context(*context, subject); !ok) return std::unexpected(ok.error());
  return *context;
}

// As recorded: of an Express execution whose machine and name nobody knows.
json::Value made_context(const TestRequest& request, const TestSubject& subject,
                         const engine::Identity& identity, base::UnixMs now_ms, json::Value input,
                         json::Arena& arena) {
  const json::Value time = json::Value::string(asl::context_time(now_ms), arena);
  json::ObjectBuilder execution(arena);
  execution.add_ref("Id", json::Value::string_ref(identity.execution_arn));
  execution.add_ref("Input", input);
  execution.add_ref("Name", json::Value::string_ref(identity.execution_name));
  if (!request.role_arn.empty())
    execution.add_ref("RoleArn", json::Value::string_ref(request.role_arn));
  execution.add_ref("StartTime", time);
  json::ObjectBuilder machine(arena);
  machine.add_ref("Id", json::Value::string_ref(identity.machine_arn));
  machine.add_ref("Name", json::Value::string_ref(identity.machine_name));
  json::ObjectBuilder state(arena);
  state.add_ref("Name", json::Value::string_ref(subject.state().name));
  state.add_ref("EnteredTime", time);
  state.add_ref("RetryCount", json::Value::integer(request.retrier_retry_count.value_or(0)));
  json::ObjectBuilder all(arena);
  all.add_ref("Execution", execution.finish());
  all.add_ref("StateMachine", machine.finish());
  all.add_ref("State", state.finish());
  const asl::TaskResource* resource = subject.resource();
  if (resource != nullptr && ends_elsewhere(*resource)) {
    json::ObjectBuilder task(arena);
    task.add_ref("Token", json::Value::string(aws::random_uuid(), arena));
    all.add_ref("Task", task.finish());
  }
  return all.finish();
}

}  // namespace

std::expected<json::Value, aws::Fault> test_context(const TestRequest& request,
                                                    const TestSubject& subject,
                                                    const engine::Identity& identity,
                                                    base::UnixMs now_ms, json::Arena& arena) {
  // It was read before: an execution's input.
  const json::Value input =
      asl::parse(request.input.view(), arena, subject.state().language).value_or(json::Value());
  json::Value context = made_context(request, subject, identity, now_ms, input, arena);
  if (request.context) {
    auto given = given_context(request, subject, arena);
    if (!given) return given;
    context = *given;
  }
  if (!subject.in_map) return context;
  return asl::with_map_item(context, {.value = input, .source = "STATE_DATA"}, arena);
}

}  // namespace weft::api
