#include "reference.h"

#include <algorithm>
#include <map>
#include <vector>

#include "asl/evaluate.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"
#include "machine.h"

namespace weft::sim {
namespace {

using Variables = std::map<std::string, std::string>;  // JSON texts

struct Outcome {
  bool failed = false;
  std::string error;
  std::string output;
  Variables assigned;
};

struct Context : asl::ContextSource {
  std::string_view state_name;
  int64_t retry_count = 0;
  json::Value item;
  const Variables* variables = nullptr;
  json::Value context(json::Arena& arena) override {
    json::ObjectBuilder state(arena);
    state.add_ref("Name", json::Value::string_ref(state_name));
    state.add_ref("RetryCount", json::Value::integer(retry_count));
    json::ObjectBuilder map_item(arena);
    if (!item.is_undefined()) map_item.add_ref("Value", item);
    json::ObjectBuilder map(arena);
    map.add_ref("Item", map_item.finish());
    json::ObjectBuilder all(arena);
    all.add_ref("State", state.finish());
    all.add_ref("Map", map.finish());
    json::ObjectBuilder task(arena);
    task.add_ref("Token", json::Value::string_ref("some token"));
    all.add_ref("Task", task.finish());
    return all.finish();
  }
};

bool matches(const std::vector<std::string>& names, const std::string& error) {
  for (const std::string& name : names) {
    if (name == "States.ALL" || name == error) return true;
    if (name == "States.TaskFailed" && error != "States.Timeout") return true;
  }
  return false;
}

class Reference {
 public:
  explicit Reference(const asl::Program& program) : program_(program) {}
  const std::map<std::string, Failures>& failures() const { return failures_; }

  // Variables go by value: what an inner block assigns vanishes with it.
  Outcome run_block(asl::BlockId block, std::string input, Variables variables) {
    asl::StateId id = program_.block(block).start_at;
    while (true) {
      const asl::State& state = program_.state(id);
      asl::StateId next = state.next;
      Outcome outcome = visit(state, input, variables, next);
      for (auto& [name, value] : outcome.assigned) variables[name] = value;
      if (outcome.failed || next == asl::kNoState) return outcome;
      input = std::move(outcome.output);
      id = next;
    }
  }

 private:
  // With Retry and Catch; `next` is changed by a Choice or a catcher.
  Outcome visit(const asl::State& state, const std::string& input, const Variables& variables,
                asl::StateId& next) {
    std::vector<int64_t> counts(state.retry.size(), 0);
    Context context;
    context.state_name = state.name;
    context.variables = &variables;
    while (true) {
      Outcome outcome = work(state, input, context, next);
      if (!outcome.failed) return outcome;
      const auto retrier = std::ranges::find_if(state.retry, [&](const asl::Retrier& r) {
        return matches(r.error_equals, outcome.error);
      });
      if (retrier != state.retry.end()) {
        int64_t& count = counts[static_cast<size_t>(retrier - state.retry.begin())];
        if (count < retrier->max_attempts) {
          ++count;
          ++context.retry_count;
          continue;
        }
      }
      for (const asl::Catcher& catcher : state.catchers) {
        if (!matches(catcher.error_equals, outcome.error)) continue;
        next = catcher.next;
        return evaluate(state, *catcher.output, input, "", context, outcome.error);
      }
      return outcome;
    }
  }

  Outcome evaluate(const asl::State& state, const asl::Template& source, const std::string& input,
                   const std::string& result, Context& context, const std::string& error = "") {
    json::Arena arena;
    const auto parse = [&](const std::string& text) {
      return *asl::parse(arena.copy(text), arena, state.language);
    };
    asl::Environment environment;
    asl::Evaluation values(arena, environment, context, state.language);
    values.set_input({.value = parse(input)}, state.input ? &*state.input : nullptr);
    for (const auto& [name, value] : *context.variables) values.add_variable(name, parse(value));
    if (!result.empty()) values.set_result({.value = parse(result)});
    json::ObjectBuilder error_output(arena);
    error_output.add_ref("Error", json::Value::string_ref(error));
    if (!error.empty()) values.set_error_output(error_output.finish());
    auto value = values.evaluate(source);
    if (!value) return {.failed = true, .error = value.error().error};
    return {.output = asl::to_text(*value, state.language)};
  }

  Outcome shape(const asl::State& state, const std::string& input, const std::string& result,
                Context& context) {
    return state.output ? evaluate(state, *state.output, input, result, context)
                        : Outcome{.output = result};
  }

  Outcome work(const asl::State& state, const std::string& input, Context& context,
               asl::StateId& next) {
    switch (state.type) {
      case asl::StateType::kPass:
        return pass(state, input, context);
      case asl::StateType::kSucceed:
        return {.output = input};
      case asl::StateType::kWait:
        return {.output = input};
      case asl::StateType::kFail:
        return {.failed = true, .error = "Sim.Ended"};
      case asl::StateType::kChoice:
        return choose(state, input, context, next);
      case asl::StateType::kTask:
        return call(state, input, context);
      case asl::StateType::kParallel: {
        std::string result;
        for (const asl::BlockId branch : std::get<asl::ParallelState>(state.body).branches) {
          Outcome outcome = run_block(branch, input, *context.variables);
          if (outcome.failed) return outcome;
          result += (result.empty() ? "[" : ",") + outcome.output;
        }
        return shape(state, input, result + "]", context);
      }
      case asl::StateType::kMap:
        return map(state, input, context);
    }
    return {};
  }

  Outcome pass(const asl::State& state, const std::string& input, Context& context) {
    const auto& body = std::get<asl::PassState>(state.body);
    const Outcome result =
        body.result ? evaluate(state, *body.result, input, "", context) : Outcome{.output = input};
    if (result.failed) return result;
    Outcome outcome = shape(state, input, result.output, context);
    for (const asl::Assignment& assignment : state.assign) {
      Outcome value = evaluate(state, assignment.value, input, result.output, context);
      if (value.failed) return value;
      outcome.assigned[assignment.name] = value.output;
    }
    return outcome;
  }

  Outcome choose(const asl::State& state, const std::string& input, Context& context,
                 asl::StateId& next) {
    const auto& body = std::get<asl::ChoiceState>(state.body);
    for (const asl::ChoiceRule& rule : body.rules) {
      if (evaluate(state, rule.condition, input, "", context).output != "true") continue;
      next = rule.next;
      return rule.output ? evaluate(state, *rule.output, input, "", context)
                         : Outcome{.output = input};
    }
    next = body.default_next;
    return {.output = input};
  }

  Outcome call(const asl::State& state, const std::string& input, Context& context) {
    const auto& body = std::get<asl::TaskState>(state.body);
    Outcome arguments = evaluate(state, *body.arguments, input, "", context);
    if (arguments.failed) return arguments;
    json::Arena arena;
    const bool nested = body.resource.pattern == asl::IntegrationPattern::kSync2;
    const json::Value payload =
        json::parse(arguments.output, arena)->find(nested ? "Input" : "Payload");
    const FunctionPlan plan = (nested ? plan_nested : plan_function)(
        payload.find("n").as_int(), payload.find("attempt").as_int());
    if (plan.kind == FunctionPlan::Kind::kFail)
      return {.failed = true, .error = nested ? "States.TaskFailed" : "Sim.Failed"};
    if (plan.kind == FunctionPlan::Kind::kHang) return {.failed = true, .error = "States.Timeout"};
    const std::string member = nested ? "Output" : "Payload";
    return shape(state, input, "{\"" + member + "\":{\"n\":" + std::to_string(plan.answer) + "}}",
                 context);
  }

  std::vector<std::string> map_inputs(const asl::State& state, const std::string& input,
                                      Context& context) {
    const auto& body = std::get<asl::MapState>(state.body);
    json::Arena arena;
    const std::string items = evaluate(state, *body.items, input, "", context).output;
    const json::Value array = *json::parse(items, arena);
    std::vector<std::string> inputs;
    for (uint32_t i = 0; i < array.size(); ++i) {
      Context item;
      item.state_name = state.name;
      item.variables = context.variables;
      item.item = array.item(i);
      inputs.push_back(evaluate(state, *body.item_selector, input, "", item).output);
    }
    if (!body.item_batcher) return inputs;
    const auto size = static_cast<size_t>(body.item_batcher->max_items_per_batch->literal.as_int());
    std::vector<std::string> batches;
    for (size_t i = 0; i < inputs.size(); i += size) {
      std::string batch;
      for (size_t k = i; k < std::min(i + size, inputs.size()); ++k)
        batch += (batch.empty() ? "" : ",") + inputs[k];
      batches.push_back("{\"Items\":[" + batch + "]}");
    }
    return batches;
  }

  Outcome map(const asl::State& state, const std::string& input, Context& context) {
    const auto& body = std::get<asl::MapState>(state.body);
    std::string result = "[";
    double failed_items = 0;
    double total_items = 0;
    std::string error;
    for (const std::string& child : map_inputs(state, input, context)) {
      json::Arena arena;
      const json::Value items = json::parse(child, arena)->find("Items");
      const double count = items.is_array() ? items.size() : 1;
      total_items += count;
      Outcome outcome =
          run_block(body.processor, child, body.distributed ? Variables() : *context.variables);
      if (result.size() > 1) result += ',';
      result += outcome.failed ? "{\"failed\":true}" : outcome.output;
      if (!outcome.failed) continue;
      failed_items += count;
      error = outcome.error;
    }
    if (!body.distributed && failed_items > 0) return {.failed = true, .error = error};
    if (body.distributed) {
      bool tolerated = failed_items == 0;
      if (body.tolerated_failure_count) {
        tolerated =
            failed_items <= static_cast<double>(body.tolerated_failure_count->literal.as_int());
      } else if (body.tolerated_failure_percentage) {
        tolerated = failed_items * 100 <=
                    body.tolerated_failure_percentage->literal.as_double() * total_items;
      }
      note(failures_[body.label], tolerated, failed_items, total_items);
      if (!tolerated) return {.failed = true, .error = "States.ExceedToleratedFailureThreshold"};
    }
    if (body.result_writer && body.result_writer->arguments)
      result = R"({"ResultWriterDetails":{"Key":"k"})";
    return shape(state, input, result + (result.starts_with('[') ? "]" : "}"), context);
  }

  static void note(Failures& known, bool tolerated, double failed, double total) {
    (tolerated ? known.tolerated : known.exceeded) = true;
    const auto items = static_cast<uint64_t>(failed);
    const double percent = total > 0 ? failed * 100 / total : 0;
    known.least = std::min(known.least, items);
    known.most = std::max(known.most, items);
    known.least_percent = std::min(known.least_percent, percent);
    known.most_percent = std::max(known.most_percent, percent);
  }

  const asl::Program& program_;
  std::map<std::string, Failures> failures_;
};

}  // namespace

Expected run_reference(const asl::Program& program, const std::string& input) {
  Reference reference(program);
  Outcome outcome = reference.run_block(asl::kRootBlock, input, {});
  return {.succeeded = !outcome.failed,
          .output = std::move(outcome.output),
          .failures = reference.failures()};
}

}  // namespace weft::sim
