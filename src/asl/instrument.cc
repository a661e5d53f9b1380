#include "asl/instrument.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "asl/instrumentation.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::asl {
namespace {

using json::Value;

bool is_expression(Value value) {
  const std::string_view text = value.as_string();
  return text.size() >= 4 && text.starts_with("{%") && text.ends_with("%}");
}

bool is_lambda(std::string_view resource) {
  return resource.starts_with("arn:aws:states:::lambda:invoke") ||
         resource.starts_with("arn:aws:lambda");
}

bool is_start_execution(std::string_view resource) {
  return resource.starts_with("arn:aws:states:::states:startExecution");
}

// Headers are the same in small and capital letters.
bool is_trace_header(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower == "traceparent" || lower == "x-datadog-trace-id";
}

// Why a task that may call traced code gets no trace context; "" for those that call none.
std::string_view why_untraced(std::string_view service) {
  if (service.starts_with("aws-sdk:lambda:invoke") || service.starts_with("aws-sdk:sfn:start")) {
    return "of calls by aws-sdk the payload is a text; use lambda:invoke or states:startExecution";
  }
  return "";
}

}  // namespace

void Instrumentation::machine(Value machine) {
  jsonata_machine_ = machine.find("QueryLanguage").as_string() == "JSONata";
  block(machine, "");
}

// The QueryLanguage of a Map or Parallel state is that of its own fields only: states inside have
// their own, else the machine's (AWS Step Functions developer guide, "Transforming data with
// JSONata").
void Instrumentation::block(Value block, const std::string& pointer) {
  const Value states = block.find("States");
  for (size_t i = 0; i < states.size() && states.is_object(); ++i) {
    const std::string name(states.key(i));
    state(states.member(i), name, pointer + "/States/" + json::escape_pointer_segment(name));
  }
}

void Instrumentation::note(bool refused, std::string message) {
  notes_.push_back({pointer_, edits_.line_of(pointer_), refused,
                    fmt::format("{}: {}{}", name_, entry_, message)});
}

void Instrumentation::state(Value state, const std::string& name, const std::string& pointer) {
  bool jsonata = jsonata_machine_;
  if (const Value language = state.find("QueryLanguage"); language.is_string()) {
    jsonata = language.as_string() == "JSONata";
  }
  const std::string_view type = state.find("Type").as_string();
  name_ = name;
  pointer_ = pointer;
  if (type == "Task") return task(state, pointer, jsonata);
  if (type == "Map") map(state, pointer, jsonata);
  const Value branches = state.find("Branches");
  for (size_t i = 0; type == "Parallel" && branches.is_array() && i < branches.size(); ++i) {
    block(branches.item(i), fmt::format("{}/Branches/{}", pointer, i));
  }
}

void Instrumentation::task(Value state, const std::string& pointer, bool jsonata) {
  constexpr std::string_view kIntegration = "arn:aws:states:::";
  std::string_view resource = state.find("Resource").as_string();
  if (is_lambda(resource) || is_start_execution(resource)) {
    if (jsonata) return jsonata_task(state, pointer);
    return is_lambda(resource) ? path_lambda(state, pointer) : path_execution(state, pointer);
  }
  if (resource.starts_with("arn:aws:states:") && resource.find(":activity:") != resource.npos) {
    return refuse("an activity's worker does not read the trace from its input");
  }
  if (!resource.starts_with(kIntegration)) return;
  resource.remove_prefix(kIntegration.size());
  if (messages(state, pointer, resource, jsonata)) return;
  if (resource == "http:invoke") return request(state, pointer, jsonata, Made::kHeader);
  if (resource.starts_with("apigateway:invoke")) {
    return request(state, pointer, jsonata, Made::kHeaderValues);
  }
  if (const std::string_view reason = why_untraced(resource); !reason.empty()) {
    refuse(std::string(reason));
  }
}

void Instrumentation::map(Value state, const std::string& pointer, bool jsonata) {
  const std::string processor =
      state.find("ItemProcessor").is_object() ? "ItemProcessor" : "Iterator";
  const Value block_value = state.find(processor);
  const bool distributed =
      block_value.find("ProcessorConfig").find("Mode").as_string() == "DISTRIBUTED";
  if (distributed && !jsonata) {
    refuse("children join the trace of a Distributed Map only in JSONata");
  } else if (distributed && !state.find("ItemBatcher").is_object()) {
    refuse(
        "without ItemBatcher nothing but the item reaches the children; with one their input is "
        "{Items, BatchInput}, so add it by hand");
  } else if (distributed) {
    jsonata_value(state.find("ItemBatcher"), pointer + "/ItemBatcher", "BatchInput", Made::kBatch);
  }
  block(block_value, pointer + "/" + processor);
}

void Instrumentation::path_lambda(Value state, const std::string& pointer) {
  const Value parameters = state.find("Parameters");
  if (!parameters.is_object()) return refuse("it has no Parameters object to add to");
  path_payload(parameters, pointer + "/Parameters");
}

void Instrumentation::path_payload(Value parameters, const std::string& pointer) {
  const Value payload = parameters.find("Payload");
  const Value path = parameters.find("Payload.$");
  if (payload.is_undefined() && path.is_undefined()) {
    return add(pointer, "Payload.$", quoted(kContextPath));
  }
  if (payload.is_object()) return path_payload_members(payload, pointer + "/Payload");
  if (!payload.is_undefined()) return refuse("Payload is not an object");
  if (path.as_string() == "$") {
    edits_.replace(pointer + "/Payload.$", quoted(kMergedInput));
    ++edited_;
  } else if (path.as_string() == kMergedInput || path.as_string() == kContextPath) {
    already();
  } else {
    refuse(fmt::format("Payload.$ is the path {}; only $ can be merged with the context",
                       path.as_string()));
  }
}

void Instrumentation::path_payload_members(Value payload, const std::string& pointer) {
  int ours = 0;
  bool other = false;
  for (const std::string name : {"Execution", "State", "StateMachine"}) {
    const bool set_up = payload.find(name + ".$").as_string() == "$$." + name;
    ours += set_up ? 1 : 0;
    other |= !payload.find(name).is_undefined() ||
             (!set_up && !payload.find(name + ".$").is_undefined());
  }
  if (ours == 3 && !other) return already();
  if (ours > 0 || other) return refuse("Payload has Execution, State or StateMachine of its own");
  for (const std::string name : {"Execution", "State", "StateMachine"}) {
    edits_.add_member(pointer, name + ".$", quoted("$$." + name));
  }
  ++edited_;
}

void Instrumentation::path_execution(Value state, const std::string& pointer) {
  const Value parameters = state.find("Parameters");
  if (!parameters.is_object()) return refuse("it has no Parameters object to add to");
  const Value input = parameters.find("Input");
  if (!parameters.find("Input.$").is_undefined()) return refuse("Input.$ is a path");
  if (input.is_undefined()) {
    return add(pointer + "/Parameters", "Input",
               fmt::format("{{\"CONTEXT.$\": {}}}", quoted(kContextPath)));
  }
  if (!input.is_object()) return refuse("Input is not an object");
  const Value path = input.find("CONTEXT.$");
  if (!input.find("CONTEXT").is_undefined()) return refuse("Input has a CONTEXT of its own");
  if (path.is_undefined()) {
    return add(pointer + "/Parameters/Input", "CONTEXT.$", quoted(kContextPath));
  }
  if (path.as_string() == kContextPath || path.as_string() == kMergedInput) return already();
  refuse("Input has a CONTEXT.$ of its own");
}

void Instrumentation::jsonata_task(Value state, const std::string& pointer) {
  const std::string_view resource = state.find("Resource").as_string();
  const bool direct = resource.starts_with("arn:aws:lambda");
  if (direct) return jsonata_value(state, pointer, "Arguments", Made::kCaller);
  const Value arguments = state.find("Arguments");
  if (!arguments.is_object()) return refuse("Arguments is not an object");
  jsonata_value(arguments, pointer + "/Arguments", is_lambda(resource) ? "Payload" : "Input",
                Made::kCaller);
}

void Instrumentation::jsonata_value(Value object, const std::string& pointer,
                                    std::string_view member, Made made) {
  const Value value = object.find(member);
  const std::string place = fmt::format("{}/{}", pointer, member);
  if (value.is_undefined() && member == "Arguments") {  // the state's input is what is sent
    return add(pointer, member, with_trace("$states.input", made));
  }
  if (value.is_undefined()) {
    return add(pointer, member, fmt::format("{{\"{}\": {}}}", member_of(made), traced(made)));
  }
  if (value.is_object()) {
    const Value given = value.find(member_of(made));
    return given.is_undefined() ? add(place, member_of(made), traced(made)) : found(given, member);
  }
  if (!is_expression(value)) return refuse(fmt::format("{} is not an object", member));
  std::string_view expression = value.as_string();
  expression = expression.substr(2, expression.size() - 4);
  if (expression.find(member_of(made)) != std::string_view::npos) return already();
  const size_t first = expression.find_first_not_of(" \t\r\n");
  const size_t last = expression.find_last_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return refuse(fmt::format("{} is an empty expression", member));
  }
  edits_.replace(place, with_trace(expression.substr(first, last - first + 1), made));
  ++edited_;
}

void Instrumentation::request(Value state, const std::string& pointer, bool jsonata, Made made) {
  if (!jsonata) {
    return refuse("traceparent takes parts of hashes, which JSONPath has no function for");
  }
  const Value arguments = state.find("Arguments");
  if (!arguments.is_object()) return refuse("Arguments is not an object");
  const Value headers = arguments.find("Headers");
  for (size_t i = 0; headers.is_object() && i < headers.size(); ++i) {
    if (is_trace_header(headers.key(i))) return already();
  }
  jsonata_value(arguments, pointer + "/Arguments", "Headers", made);
}

void Instrumentation::found(Value given, std::string_view member) {
  // `RootExecutionId`, or paths to `$$.Execution`.
  if (json::to_text(given).find("Execution") != std::string::npos) return already();
  refuse(fmt::format("{} has a _datadog of its own", member));
}

base::Result<Instrumented> instrument(std::string_view definition) {
  json::Arena arena;
  auto value = json::parse(definition, arena);
  if (!value) return std::unexpected(value.error());
  if (!value->is_object()) {
    return base::fail(base::ErrorCode::kInvalidJson, "The definition is not a JSON object");
  }
  Instrumentation instrumentation(definition);
  instrumentation.machine(*value);
  return instrumentation.finish();
}

}  // namespace weft::asl
