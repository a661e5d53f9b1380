#include "asl/compile.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::asl {
namespace {

json::Value find_state(const json::Value& workflow, std::string_view name);

// The state `name` inside `state`: in its branches or its processor.
json::Value find_inside(const json::Value& state, std::string_view name) {
  json::Value branches = state.find("Branches");
  for (size_t i = 0; branches.is_array() && i < branches.size(); ++i) {
    if (json::Value found = find_state(branches.item(i), name); !found.is_undefined()) {
      return found;
    }
  }
  for (std::string_view member : {"ItemProcessor", "Iterator"}) {
    if (json::Value found = find_state(state.find(member), name); !found.is_undefined()) {
      return found;
    }
  }
  return {};
}

json::Value find_state(const json::Value& workflow, std::string_view name) {
  json::Value states = workflow.find("States");
  if (json::Value found = states.find(name); !found.is_undefined()) {
    return found;
  }
  for (size_t i = 0; i < states.size(); ++i) {
    if (json::Value found = find_inside(states.member(i), name); !found.is_undefined()) {
      return found;
    }
  }
  return {};
}

}  // namespace

std::string processor_definition(const Program& program, StateId map_state) {
  json::Arena arena;
  auto machine = json::parse(program.definition.view(), arena);
  if (!machine) {
    return {};
  }
  json::Value state = find_state(*machine, program.state(map_state).name);
  json::Value processor = state.find("ItemProcessor");
  if (processor.is_undefined()) {
    processor = state.find("Iterator");
  }
  json::ObjectBuilder result(arena);
  for (size_t i = 0; i < processor.size(); ++i) {
    if (processor.key(i) != "ProcessorConfig") {
      result.add(processor.key(i), processor.member(i));
    }
  }
  if (program.language == QueryLanguage::kJsonata) {
    result.add("QueryLanguage", json::Value::string_ref("JSONata"));
  }
  return json::to_text(result.finish());
}

}  // namespace weft::asl
