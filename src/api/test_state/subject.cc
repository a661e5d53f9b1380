#include "api/test_state/subject.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "asl/compile.h"
#include "asl/resource.h"
#include "integrations/registry.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::api {
namespace {

constexpr std::string_view kStateName = "StateName";

// The states that a single state may go on to.
std::set<std::string_view> targets_of(json::Value state) {
  std::set<std::string_view> targets;
  const auto add = [&](json::Value name) {
    if (name.is_string() && name.as_string() != kStateName) targets.insert(name.as_string());
  };
  add(state.find("Next"));
  add(state.find("Default"));
  for (std::string_view list_name : {"Catch", "Choices"}) {
    const json::Value list = state.find(list_name);
    for (size_t i = 0; list.is_array() && i < list.size(); ++i) add(list.item(i).find("Next"));
  }
  return targets;
}

// A state machine around a single state, whose text stays as it is.
base::Text machine_around(const base::Text& definition, json::Value state) {
  std::string text =
      fmt::format(R"({{"StartAt":"{0}","States":{{"{0}":{1})", kStateName, definition.view());
  for (std::string_view target : targets_of(state)) {
    text += ',';
    json::write_string(target, text);
    text += R"(:{"Type":"Succeed"})";
  }
  return base::Text(text += "}}");
}

// The object of the state `name` in a block or below it.
json::Value find_object(json::Value block, std::string_view name) {
  const json::Value states = block.find("States");
  if (!states.is_object()) return {};
  if (const json::Value found = states.find(name); !found.is_undefined()) return found;
  for (size_t i = 0; i < states.size(); ++i) {
    const json::Value state = states.member(i);
    for (std::string_view member : {"ItemProcessor", "Iterator"}) {
      const json::Value found = find_object(state.find(member), name);
      if (!found.is_undefined()) return found;
    }
    const json::Value branches = state.find("Branches");
    for (size_t k = 0; branches.is_array() && k < branches.size(); ++k) {
      const json::Value found = find_object(branches.item(k), name);
      if (!found.is_undefined()) return found;
    }
  }
  return {};
}

bool stands_in_map(const asl::Program& program, asl::StateId id) {
  while (true) {
    const asl::StateId around = program.block(program.state(id).block).enclosing_state;
    if (around == asl::kNoState) return false;
    if (program.state(around).type == asl::StateType::kMap) return true;
    id = around;
  }
}

std::expected<void, aws::Fault> check_mocked(const asl::State& state) {
  constexpr std::array kMocked = {asl::StateType::kTask, asl::StateType::kMap,
                                  asl::StateType::kParallel};
  if (std::ranges::find(kMocked, state.type) != kMocked.end()) return {};
  return refused(fmt::format("State type '{}' is not supported when a mock is specified",
                             asl::to_string(state.type)));
}

std::expected<void, aws::Fault> check_unmocked(const asl::State& state,
                                               const TestRequest& request) {
  const auto unsupported = [](std::string message) {
    return std::unexpected(aws::Fault(base::ErrorCode::kInvalidDefinition, std::move(message)));
  };
  if (state.type == asl::StateType::kMap || state.type == asl::StateType::kParallel) {
    return unsupported(
        "TestState API does not support Map or Parallel states. Supported state types include: "
        "[Task, Wait, Pass, Succeed, Fail, Choice]");
  }
  const auto* task = std::get_if<asl::TaskState>(&state.body);
  if (task == nullptr) return {};
  // AWS's words for these three were never recorded.
  if (ends_elsewhere(task->resource)) {
    return unsupported(
        fmt::format("TestState supports the resource '{}' only when a mock is specified: "
                    "activities, '.sync' and '.waitForTaskToken' wait for somebody else",
                    task->resource.arn));
  }
  if (request.role_arn.empty())
    return refused("RoleArn must be specified when testing a Task state");
  if (std::string why = integrations::why_unavailable(task->resource); !why.empty()) {
    return unsupported(fmt::format("{}, or give the test a mock", why));
  }
  return {};
}

std::expected<void, aws::Fault> check_origin(const TestSubject& subject,
                                             const TestRequest& request) {
  if (!request.error_caused_by_state) return {};
  const std::string& name = *request.error_caused_by_state;
  const auto inside = [&](const asl::State& one) {
    for (asl::StateId around = subject.program->block(one.block).enclosing_state;
         around != asl::kNoState;
         around = subject.program->block(subject.program->state(around).block).enclosing_state) {
      if (around == subject.id) return one.name == name;
    }
    return false;
  };
  if (std::ranges::any_of(subject.program->states, inside)) return {};
  return refused(fmt::format("errorCausedByState: there is no state '{}' inside the state '{}'",
                             name, subject.state().name));
}

}  // namespace

const asl::TaskResource* TestSubject::resource() const {
  const auto* task = std::get_if<asl::TaskState>(&state().body);
  return task == nullptr ? nullptr : &task->resource;
}

bool ends_elsewhere(const asl::TaskResource& resource) {
  return asl::answered_by_token(resource) ||
         resource.pattern != asl::IntegrationPattern::kRequestResponse;
}

std::expected<TestSubject, aws::Fault> find_subject(const TestRequest& request,
                                                    json::Arena& arena) {
  base::Text definition = request.definition;
  const bool alone = request.state_name.empty();
  auto parsed = json::parse(definition.view(), arena);
  // What is no object is refused by the compiler, in AWS's words.
  const bool whole = parsed && parsed->find("States").is_object();
  if (alone && whole) {
    return refused("stateName must be specified when the definition is that of a state machine");
  }
  if (alone && parsed && parsed->is_object()) definition = machine_around(definition, *parsed);
  auto compiled = asl::compile(definition, {});
  if (!compiled.program)
    return std::unexpected(aws::Fault(asl::invalid_definition(compiled.diagnostics)));
  TestSubject subject{.program = std::move(compiled.program)};
  const std::string_view name = alone ? kStateName : std::string_view(request.state_name);
  const auto& states = subject.program->states;
  const auto found = std::ranges::find(states, name, &asl::State::name);
  if (found == states.end()) return refused("State not found in definition");
  subject.id = static_cast<asl::StateId>(found - states.begin());
  subject.json = alone ? *parsed : find_object(*parsed, name);
  subject.in_map = stands_in_map(*subject.program, subject.id);
  if (auto ok = request.mock ? check_mocked(*found) : check_unmocked(*found, request); !ok)
    return std::unexpected(ok.error());
  if (auto ok = check_origin(subject, request); !ok) return std::unexpected(ok.error());
  return subject;
}

}  // namespace weft::api
