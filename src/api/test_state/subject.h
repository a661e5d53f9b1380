#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/test_state/request.h"
#include "asl/program.h"
#include "json/arena.h"
#include "json/value.h"

namespace weft::api {

// The state that a test is about.
struct TestSubject {
  std::shared_ptr<const asl::Program> program;
  asl::StateId id = asl::kNoState;
  json::Value json;     // its object in the definition; lives in the arena given
  bool in_map = false;  // it stands inside the processor of a Map state

  const asl::State& state() const { return program->state(id); }
  const asl::TaskResource* resource() const;
};

// Whether the Task ends by somebody else's answer or by a job's end: such states need a mock.
bool ends_elsewhere(const asl::TaskResource& resource);

// Finds the state, alone or by name in a whole definition, and checks that it can be tested as
// asked. A single state is named "StateName", as AWS names it, and may go on to any state.
// InvalidDefinition, ValidationException.
std::expected<TestSubject, aws::Fault> find_subject(const TestRequest& request, json::Arena& arena);

}  // namespace weft::api
