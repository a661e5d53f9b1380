#include "machine.h"

#include <utility>

#include <fmt/format.h>

namespace weft::sim {
namespace {

constexpr int kDepthMax = 3;
constexpr int64_t kLongEach = 11;  // of so many payloads one makes the inner machine wait
const std::string kNoVariable = "none";
constexpr const char* kErrors[] = {"States.ALL", "Sim.Failed", "States.TaskFailed",
                                   "States.Timeout"};

class Generator {
 public:
  // Nothing waits for other executions where `express`.
  Generator(Random& random, bool express)
      : random_(random), jsonpath_(chance(50)), express_(express) {}

  std::string machine() {
    const std::string states = block(0, !express_);
    return fmt::format("{{\"QueryLanguage\":\"{}\",{}}}", jsonpath_ ? "JSONPath" : "JSONata",
                       states);
  }

 private:
  // `{"StartAt": ..., "States": {...}}` without the braces.
  std::string block(int depth, bool distributed_allowed) {
    const int count = 1 + pick(4);
    const int first = next_;
    next_ += count;
    std::string states;
    for (int i = 0; i < count; ++i) {
      if (i != 0) states += ',';
      const bool last = i + 1 == count;
      const std::string outer = std::exchange(shapers_, "");
      states += fmt::format("\"S{}\":{}", first + i,
                            state(depth, last ? -1 : first + i + 1, distributed_allowed));
      states += std::exchange(shapers_, outer);
    }
    return fmt::format("\"StartAt\":\"S{}\",\"States\":{{{}}}", first, states);
  }

  int pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool chance(int percent) { return pick(100) < percent; }

  static std::string transition(int next) {
    return next < 0 ? std::string("\"End\":true") : fmt::format("\"Next\":\"S{}\"", next);
  }

  // The number of a Pass with these fields, which stands beside the state that is drawn.
  int by_way_of(const std::string& fields, int next) {
    const int id = next_++;
    shapers_ += fmt::format(R"(,"S{}":{{"Type":"Pass",{},{}}})", id, fields, transition(next));
    return id;
  }

  // What a state does with its result, from which `selector` takes "n". In JSONPath it comes into
  // one shape with the input by a Pass after it.
  std::string outcome(const std::string& selector, int next) {
    const int shaper = by_way_of(R"("Parameters":{"n.$":"$.r.n","xs.$":"$.xs"})", next);
    return fmt::format(R"("ResultSelector":{{{}}},"ResultPath":"$.r",{})", selector,
                       transition(shaper));
  }

  // Of a machine in JSONPath some states are in JSONata.
  std::string state(int depth, int next, bool distributed_allowed) {
    if (!jsonpath_) return jsonata_state(depth, next, distributed_allowed);
    if (chance(70)) return jsonpath_state(depth, next, distributed_allowed);
    const std::string text = jsonata_state(depth, next, distributed_allowed);
    return R"({"QueryLanguage":"JSONata",)" + text.substr(1);
  }

  std::string jsonpath_state(int depth, int next, bool distributed_allowed) {
    switch (pick(depth < kDepthMax ? 10 : 6)) {
      case 0:
        return path_pass(next);
      case 1:
      case 2:
      case 5:
        return path_task(next);
      case 3:
        return fmt::format(R"({{"Type":"Wait","Seconds":{},{}}})", pick(3), transition(next));
      case 4:
        return next < 0 ? ending() : path_choice(next);
      case 6:
        return path_parallel(depth, next, distributed_allowed);
      case 7:
        return path_map(depth, next, false);
      default:
        return path_map(depth, next, distributed_allowed);
    }
  }

  std::string path_pass(int next) {
    const std::string variable = fmt::format("v{}", next_++);
    const int then =
        by_way_of(fmt::format(R"x("Parameters":{{"n.$":"States.MathAdd(${}, {})","xs.$":"$.xs"}})x",
                              variable, pick(100)),
                  next);
    return fmt::format(
        R"x({{"Type":"Pass","Assign":{{"{}.$":"$.n"}},"Parameters":{{"n.$":"$.n","at.$":"$$.State.Name"}},"ResultPath":"$.r",{}}})x",
        variable, transition(then));
  }

  std::string path_choice(int next) {
    const int bound = pick(500);
    std::string rule;
    switch (pick(3)) {
      case 0:
        rule = fmt::format(R"("Variable":"$.n","NumericGreaterThan":{})", bound);
        break;
      case 1:
        rule = R"("Not":{"And":[{"Variable":"$.xs[0]","IsPresent":true},)"
               R"({"Variable":"$.n","NumericLessThanPath":"$.xs[0]"}]})";
        break;
      default:
        rule = fmt::format(
            R"("And":[{{"Variable":"$.xs[1]","IsPresent":true}},{{"Variable":"$.n","NumericLessThanEquals":{}}}])",
            bound);
    }
    const int other = by_way_of(R"("Result":1,"ResultPath":"$.n")", next);
    return fmt::format(R"({{"Type":"Choice","Choices":[{{{},"Next":"S{}"}}],"Default":"S{}"}})",
                       rule, next, other);
  }

  std::string path_catcher(int next) {
    if (next < 0 || chance(60)) return "";
    const int shaper = by_way_of(R"("Parameters":{"n":7,"xs.$":"$.xs"})", next);
    return fmt::format(
        R"("Catch":[{{"ErrorEquals":["States.ALL"],"ResultPath":"$.r","Next":"S{}"}}],)", shaper);
  }

  std::string path_task(int next) {
    constexpr const char* kPayload = R"("n.$":"$.n","attempt.$":"$$.State.RetryCount")";
    const std::string handled = retry() + path_catcher(next);
    if (chance(25) && !express_) {
      return fmt::format(
          R"({{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","TimeoutSeconds":{},)"
          R"("Parameters":{{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:{}","Input":{{{}}}}},{}{}}})",
          kNestedTimeoutSeconds, kInnerName, kPayload, handled,
          outcome(R"("n.$":"$.Output.n")", next));
    }
    if (chance(20) && !express_) {
      const bool activity = chance(50);
      return fmt::format(
          R"({{"Type":"Task","Resource":"{}","TimeoutSeconds":15,"Parameters":{{{}"Payload":{{{},"token.$":"$$.Task.Token"}}}},{}{}}})",
          activity ? kActivityArn : "arn:aws:states:::lambda:invoke.waitForTaskToken",
          activity ? "" : R"("FunctionName":"ask",)", kPayload, handled,
          outcome(R"("n.$":"$.Payload.n")", next));
    }
    return fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":5,)"
        R"("Parameters":{{"FunctionName":"work","Payload":{{{}}}}},{}{}}})",
        kPayload, handled, outcome(R"("n.$":"$.Payload.n")", next));
  }

  std::string path_parallel(int depth, int next, bool distributed_allowed) {
    const std::string inside = branches(depth, distributed_allowed);
    const std::string handled = parallel_retry() + path_catcher(next);
    return fmt::format(R"({{"Type":"Parallel","Branches":[{}],{}{}}})", inside, handled,
                       outcome(R"x("n.$":"States.MathAdd($[0].n, $[1].n)")x", next));
  }

  std::string path_map(int depth, int next, bool distributed) {
    const MapParts parts = map_parts(depth, distributed, "Parameters");
    const std::string handled = parallel_retry() + path_catcher(next);
    const char* selector = parts.exported ? R"("n":11,"key.$":"$.ResultWriterDetails.Key")"
                                          : R"x("n.$":"States.ArrayLength($)")x";
    return fmt::format(
        R"({{"Type":"Map","ItemsPath":"$.xs","ItemSelector":{{"n.$":"$$.Map.Item.Value","xs":[3,4]}},{}{}{}}})",
        parts.fields, handled, outcome(selector, next));
  }

  std::string jsonata_state(int depth, int next, bool distributed_allowed) {
    const int kind = pick(depth < kDepthMax ? 10 : 6);
    switch (kind) {
      case 0:
        return pass(next);
      case 1:
      case 2:
        return task(next);
      case 3:
        return fmt::format(R"({{"Type":"Wait","Seconds":"{{% $states.input.n % 3 %}}",{}}})",
                           transition(next));
      case 4:
        return next < 0 ? ending() : choice(next);
      case 5:
        return pass(next);
      case 6:
        return parallel(depth, next, distributed_allowed);
      case 7:
        return map(depth, next, false);
      default:
        return map(depth, next, distributed_allowed);
    }
  }

  std::string pass(int next) {
    // Later states of the block and of blocks inside it read the variable, those of distributed
    // children do not see it.
    std::string assign;
    if (chance(30)) {
      variable_ = fmt::format("v{}", next_++);
      assign = fmt::format(R"("Assign":{{"{}":"{{% $states.input.n %}}"}},)", variable_);
    }
    const std::string& seen = variable_.empty() ? kNoVariable : variable_;
    return fmt::format(
        R"({{"Type":"Pass",{}"Output":{{"n":"{{% ($states.input.n * {} + {} + ($exists(${}) ? ${} : 0)) % 997 %}}",)"
        R"("xs":"{{% [$states.input.xs] %}}"}},{}}})",
        assign, 1 + pick(5), pick(100), seen, seen, transition(next));
  }

  std::string ending() {
    if (chance(70)) return R"({"Type":"Succeed"})";
    return R"({"Type":"Fail","Error":"Sim.Ended","Cause":"as drawn"})";
  }

  std::string choice(int next) {
    return fmt::format(
        R"({{"Type":"Choice","Choices":[{{"Condition":"{{% $states.input.n % {} = 0 %}}","Next":"S{}",)"
        R"("Output":{{"n":"{{% $states.input.n + 1 %}}","xs":"{{% [$states.input.xs] %}}"}}}}],"Default":"S{}"}})",
        2 + pick(3), next, next);
  }

  std::string retry() {
    if (chance(40)) return "";
    return fmt::format(
        R"("Retry":[{{"ErrorEquals":["{}"],"IntervalSeconds":{},"MaxAttempts":{},"BackoffRate":{}}}],)",
        kErrors[pick(4)], 1 + pick(2), pick(4), chance(50) ? "2.0" : "1.0");
  }

  std::string catcher(int next) {
    if (next < 0 || chance(60)) return "";
    return fmt::format(
        R"("Catch":[{{"ErrorEquals":["States.ALL"],"Next":"S{}","Output":{{"n":7,"xs":"{{% [$states.input.xs] %}}"}}}}],)",
        next);
  }

  std::string task(int next) {
    // Nothing waits for another execution, or for an answer, in an Express one.
    if (chance(25) && !express_) return nested(next);
    if (chance(20) && !express_) return answered(next);
    return fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":5,"Arguments":{{"FunctionName":"work",)"
        R"("Payload":{{"n":"{{% $states.input.n %}}","attempt":"{{% $states.context.State.RetryCount %}}"}}}},)"
        R"("Output":{{"n":"{{% $states.result.Payload.n %}}","xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        retry(), catcher(next), transition(next));
  }

  // By whoever has its token: told by a function, or a worker of an activity.
  std::string answered(int next) {
    const bool activity = chance(50);
    return fmt::format(
        R"({{"Type":"Task","Resource":"{}","TimeoutSeconds":15,{}"Arguments":{{{}"Payload":{{"n":"{{% $states.input.n %}}",)"
        R"("attempt":"{{% $states.context.State.RetryCount %}}","token":"{{% $states.context.Task.Token %}}"}}}},)"
        R"("Output":{{"n":"{{% $states.result.Payload.n %}}","xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        activity ? kActivityArn : "arn:aws:states:::lambda:invoke.waitForTaskToken",
        chance(50) ? "\"HeartbeatSeconds\":12," : "", activity ? "" : "\"FunctionName\":\"ask\",",
        retry(), catcher(next), transition(next));
  }

  std::string nested(int next) {
    return fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","TimeoutSeconds":{},)"
        R"("Arguments":{{"StateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:{}",)"
        R"("Input":{{"n":"{{% $states.input.n %}}","attempt":"{{% $states.context.State.RetryCount %}}"}}}},)"
        R"("Output":{{"n":"{{% $states.result.Output.n %}}","xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        kNestedTimeoutSeconds, kInnerName, retry(), catcher(next), transition(next));
  }

  std::string parallel(int depth, int next, bool distributed_allowed) {
    const std::string inside = branches(depth, distributed_allowed);
    return fmt::format(
        R"({{"Type":"Parallel","Branches":[{}],"Output":{{"n":"{{% $sum([$states.result.n]) % 997 %}}",)"
        R"("xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        inside, parallel_retry(), catcher(next), transition(next));
  }

  std::string branches(int depth, bool distributed_allowed) {
    std::string all;
    const int count = 2 + pick(2);
    for (int i = 0; i < count; ++i)
      all += fmt::format("{}{{{}}}", i == 0 ? "" : ",", block(depth + 1, distributed_allowed));
    return all;
  }

  // Which of several failing branches is first is a matter of time, so only States.ALL.
  std::string parallel_retry() {
    return chance(80)
               ? ""
               : R"("Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],)";
  }

  std::string result_writer(bool exported, const char* arguments) {
    constexpr const char* kTransformations[] = {"NONE", "COMPACT", "FLATTEN"};
    const std::string place =
        exported
            ? fmt::format(
                  R"("Resource":"arn:aws:states:::s3:putObject","{}":{{"Bucket":"results","Prefix":"p"}},)",
                  arguments)
            : "";
    return fmt::format(
        R"("ResultWriter":{{{}"WriterConfig":{{"Transformation":"{}","OutputType":"{}"}}}},)",
        place, kTransformations[pick(3)], chance(50) ? "JSON" : "JSONL");
  }

  // What is the same of a Map in both languages.
  struct MapParts {
    std::string fields;  // with the comma behind them
    bool tolerant = false;
    bool written = false;   // by a ResultWriter
    bool exported = false;  // into a bucket
  };
  // `arguments`: what the language calls them.
  MapParts map_parts(int depth, bool distributed, const char* arguments) {
    MapParts parts;
    std::string& fields = parts.fields;
    parts.tolerant = distributed && chance(50);
    const bool batched = distributed && chance(40);
    if (distributed) fields += fmt::format(R"("Label":"L{}",)", next_);
    if (parts.tolerant)
      fields +=
          chance(50) ? R"("ToleratedFailureCount":2,)" : R"("ToleratedFailurePercentage":60,)";
    if (batched) fields += fmt::format(R"("ItemBatcher":{{"MaxItemsPerBatch":{}}},)", 1 + pick(3));
    if (chance(60)) fields += fmt::format(R"("MaxConcurrency":{},)", pick(4));
    const bool express = distributed && chance(50);
    const std::string mode =
        distributed
            ? fmt::format(R"("ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"{}"}},)",
                          express ? "EXPRESS" : "STANDARD")
            : "";
    // Children of a Standard one may have Map Runs of their own.
    const bool nested = distributed && !express && chance(50);
    const bool outer = std::exchange(express_, express_ || express);
    fields += fmt::format(R"("ItemProcessor":{{{}{}}},)", mode,
                          batched ? batch_block(depth + 1, nested) : block(depth + 1, nested));
    express_ = outer;
    parts.written = distributed && chance(50);
    parts.exported = parts.written && chance(60);
    if (parts.written) fields += result_writer(parts.exported, arguments);
    return parts;
  }

  // A block in which the batch becomes the usual shape first.
  std::string batch_block(int depth, bool distributed_allowed) {
    const int head = next_++;
    const std::string rest = block(depth, distributed_allowed);
    const size_t at = std::string_view("\"StartAt\":\"").size();
    const std::string start = rest.substr(at, rest.find('"', at) - at);
    const size_t states = rest.find("\"States\":{") + 10;
    const char* shape =
        jsonpath_ ? R"("Parameters":{"n.$":"$.Items[0].n","xs":[1,2]})"
                  : R"("Output":{"n":"{% $sum([$states.input.Items.n]) % 997 %}","xs":[1,2]})";
    return fmt::format(
        R"("StartAt":"S{0}","States":{{"S{0}":{{"Type":"Pass",{1},"Next":"{2}"}},{3})", head, shape,
        start, rest.substr(states));
  }

  std::string map(int depth, int next, bool distributed) {
    const MapParts parts = map_parts(depth, distributed, "Arguments");
    const char* sum = parts.exported ? "$exists($states.result.ResultWriterDetails.Key) ? 11 : 12"
                      : parts.written || parts.tolerant ? "$count($states.result)"
                                                        : "$sum([$states.result.n]) % 997";
    return fmt::format(
        R"({{"Type":"Map","Items":"{{% [$states.input.xs] %}}","ItemSelector":{{"n":"{{% $states.context.Map.Item.Value %}}","xs":[3,4]}},)"
        R"({}"Output":{{"n":"{{% {} %}}","xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        parts.fields, sum, parallel_retry(), catcher(next), transition(next));
  }

  Random& random_;
  const bool jsonpath_;  // the language of the machine
  bool express_;         // what is drawn at the moment runs in an Express execution
  int next_ = 0;
  std::string variable_;
  std::string shapers_;  // states that the drawn one needs beside it
};

}  // namespace

std::string random_machine(Random& random, bool express) {
  return Generator(random, express).machine();
}

std::string random_input(Random& random) {
  const int count = static_cast<int>(random() % 13);
  std::string xs;
  for (int i = 0; i < count; ++i) xs += fmt::format("{}{}", i == 0 ? "" : ",", random() % 500);
  return fmt::format("{{\"n\":{},\"xs\":[{}]}}", random() % 500, xs);
}

std::string inner_machine() {
  return fmt::format(
      R"({{"QueryLanguage":"JSONata","StartAt":"A","States":{{)"
      R"("A":{{"Type":"Choice","Choices":[{{"Condition":"{{% $states.input.n % {} = 0 %}}","Next":"Long"}}],"Default":"Call"}},)"
      R"("Long":{{"Type":"Wait","Seconds":100000,"End":true}},)"
      R"("Call":{{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","TimeoutSeconds":5,"Arguments":{{"FunctionName":"work",)"
      R"("Payload":{{"n":"{{% $states.input.n %}}","attempt":"{{% $states.input.attempt %}}"}}}},)"
      R"("Output":{{"n":"{{% $states.result.Payload.n %}}"}},"End":true}}}}}})",
      kLongEach);
}

FunctionPlan plan_nested(int64_t n, int64_t attempt) {
  if (n % kLongEach == 0) return {.kind = FunctionPlan::Kind::kHang};
  FunctionPlan plan = plan_function(n, attempt);
  if (plan.kind == FunctionPlan::Kind::kHang) plan.kind = FunctionPlan::Kind::kFail;
  return plan;
}

FunctionPlan plan_function(int64_t n, int64_t attempt) {
  const auto mixed = static_cast<uint64_t>(n) * 0x9E3779B97F4A7C15ULL;
  const uint64_t draw = (mixed >> 40) % 100;
  const auto failures = static_cast<int64_t>((mixed >> 20) % 4);  // how many attempts go wrong
  FunctionPlan plan{.answer = (n * 31 + 7) % 997};
  if (draw < 12 && attempt < failures) plan.kind = FunctionPlan::Kind::kFail;
  if (draw >= 12 && draw < 15 && attempt < failures) plan.kind = FunctionPlan::Kind::kHang;
  return plan;
}

}  // namespace weft::sim
