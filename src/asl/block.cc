#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/jsonpath_fields.h"
#include "asl/template.h"
#include "asl/variable_name.h"
#include "base/limits.h"

namespace weft::asl {
namespace {

std::optional<StateType> parse_type(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(StateType::kMap); ++i) {
    if (to_string(static_cast<StateType>(i)) == name) {
      return static_cast<StateType>(i);
    }
  }
  return std::nullopt;
}

std::optional<StateType> read_type(StateContext& context) {
  if (!require_members(context.compilation(), context.json, context.path, {"Type"})) {
    return std::nullopt;
  }
  // The order of the names is the one AWS prints.
  std::optional<std::string> name =
      read_choice(context.compilation(), context.json, context.path, "Type",
                  {"Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"});
  return name ? parse_type(*name) : std::nullopt;
}

QueryLanguage read_language(StateContext& context) {
  Compilation& compilation = context.compilation();
  const QueryLanguage machine = compilation.program().language;
  json::Value field = context.json.find("QueryLanguage");
  if (field.is_undefined()) {
    return machine;
  }
  read_choice(compilation, context.json, context.path, "QueryLanguage", {"JSONPath", "JSONata"});
  if (field.as_string() != "JSONPath") {
    return QueryLanguage::kJsonata;
  }
  if (machine == QueryLanguage::kJsonata) {
    compilation.error_about(
        context.path, "QueryLanguage",
        "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
    return machine;
  }
  return QueryLanguage::kJsonPath;
}

StateBody compile_body(StateContext& context) {
  switch (context.state.type) {
    case StateType::kPass:
      return compile_pass(context);
    case StateType::kTask:
      return compile_task(context);
    case StateType::kChoice:
      return compile_choice(context);
    case StateType::kWait:
      return compile_wait(context);
    case StateType::kSucceed:
      return SucceedState{};
    case StateType::kFail:
      return compile_fail(context);
    case StateType::kParallel:
      return compile_parallel(context);
    case StateType::kMap:
      return compile_map(context);
  }
  return PassState{};
}

void compile_state_fields(StateContext& context) {
  State& state = context.state;
  const bool works = state.type == StateType::kTask || state.type == StateType::kParallel ||
                     state.type == StateType::kMap;
  const ExpressionRules rules{.result = works};
  check_state_fields(context);
  if (!context.jsonata() && state.type != StateType::kFail) {
    state.input = compile_input_selection(context);
    state.output = compile_output_shape(context);
  } else if (state.type != StateType::kFail) {
    state.output = compile_field(context, "Output", rules);
  }
  state.body = compile_body(context);
  if (state.type != StateType::kSucceed && state.type != StateType::kFail) {
    state.assign = compile_assign(context, context.json, context.path, "", rules);
  }
  if (works) {
    compile_retry(context);
    compile_catch(context);
  }
  if (state.type == StateType::kSucceed || state.type == StateType::kFail) {
    context.block.terminal = true;
  } else if (state.type != StateType::kChoice) {
    compile_next(context);
  }
}

State compile_state(BlockContext& block, StateId id, const json::Value& json, const Path& path,
                    std::string_view name) {
  State state{.name = std::string(name), .block = block.id};
  if (!expect_object(block.compilation, json, path)) {
    block.terminal = true;  // what it would have been is unknown
    return state;
  }
  StateContext context{block, id, json, path, state};
  state.language = read_language(context);
  if (std::optional<StateType> type = read_type(context)) {
    state.type = *type;
    compile_state_fields(context);
  } else {
    block.terminal = true;
    resolve_target(context, json, path, "Next");
  }
  return state;
}

void collect_assigned(const json::Value& owner, StateId id, BlockContext& block) {
  json::Value assign = owner.find("Assign");
  for (size_t i = 0; assign.is_object() && i < assign.size(); ++i) {
    std::string_view name = assign.key(i);
    name = name.ends_with(".$") ? name.substr(0, name.size() - 2) : name;
    block.assigned[std::string(name)].push_back(id);
  }
}

// Gives every state its id and collects the variables of this scope, so that states may be named
// before they are compiled.
void declare_states(BlockContext& block, const json::Value& states, const Path& path) {
  Compilation& compilation = block.compilation;
  Program& program = compilation.program();
  block.first = static_cast<StateId>(program.states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    const std::string_view name = states.key(i);
    const auto id = static_cast<StateId>(program.states.size());
    program.states.push_back(State{.name = std::string(name), .block = block.id});
    program.blocks[block.id].states.push_back(id);
    block.names.emplace(name, id);
    const size_t characters = count_characters(name);
    if (characters == 0 || characters > base::kNameCharsMax) {
      compilation.error_about(path, name,
                              fmt::format("State name must have 1 to {} characters but has {}",
                                          base::kNameCharsMax, characters),
                              "INVALID_STATE_NAME");
    }
    if (!compilation.add_state_name(name)) {
      compilation.error(path.member(name), fmt::format("Duplicate State name: {}", name),
                        "DUPLICATE_STATE_NAME");
    }
    const json::Value& state = states.member(i);
    collect_assigned(state, id, block);
    for (std::string_view list_name : {"Catch", "Choices"}) {
      json::Value list = state.find(list_name);
      for (size_t k = 0; list.is_array() && k < list.size(); ++k) {
        collect_assigned(list.item(k), id, block);
      }
    }
  }
  collect_predecessors(block, states);
}

void compile_start(BlockContext& block, const json::Value& object, const Path& path) {
  std::optional<std::string> start = read_string(block.compilation, object, path, "StartAt");
  if (!start) {
    return;
  }
  auto found = block.names.find(*start);
  if (found == block.names.end()) {
    block.compilation.error(path.member("StartAt"),
                            fmt::format("Missing 'Next' target: {}", *start),
                            "MISSING_TRANSITION_TARGET");
    if (block.compilation.hint_wanted()) block.compilation.hint(meant_state(block, *start));
    return;
  }
  block.compilation.program().blocks[block.id].start_at = found->second;
}

}  // namespace

std::string_view to_string(StateType type) {
  switch (type) {
    case StateType::kPass:
      return "Pass";
    case StateType::kTask:
      return "Task";
    case StateType::kChoice:
      return "Choice";
    case StateType::kWait:
      return "Wait";
    case StateType::kSucceed:
      return "Succeed";
    case StateType::kFail:
      return "Fail";
    case StateType::kParallel:
      return "Parallel";
    case StateType::kMap:
      return "Map";
  }
  return "";
}

BlockId compile_block(Compilation& compilation, const json::Value& object, const Path& path,
                      StateId enclosing_state, const BlockContext* outer, bool express,
                      size_t depth) {
  Program& program = compilation.program();
  const auto id = static_cast<BlockId>(program.blocks.size());
  program.blocks.push_back(Block{.enclosing_state = enclosing_state});
  if (depth > base::kBlockDepthMax) {
    compilation.error(path,
                      fmt::format("States are nested more than {} deep", base::kBlockDepthMax),
                      "TOO_DEEPLY_NESTED");
    return id;
  }
  read_string(compilation, object, path, "Comment");
  const bool complete = require_members(compilation, object, path, {"States", "StartAt"});
  json::Value states = object.find("States");
  Path at = path.member("States");
  if (states.is_undefined() || !expect_object(compilation, states, at)) {
    return id;
  }
  if (states.size() == 0) {
    compilation.error(at, "Value cannot be empty");
    return id;
  }
  BlockContext block{
      .compilation = compilation, .id = id, .outer = outer, .express = express, .depth = depth};
  declare_states(block, states, at);
  compile_start(block, object, path);
  for (size_t i = 0; i < states.size(); ++i) {
    const StateId state = program.block(id).states[i];
    program.states[state] =
        compile_state(block, state, states.member(i), at.member(states.key(i)), states.key(i));
  }
  if (complete) {
    check_reachability(block, path);
  }
  return id;
}

}  // namespace weft::asl
