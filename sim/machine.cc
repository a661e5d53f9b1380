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
  Generator(Random& random, bool express) : random_(random), express_(express) {}

  // `{"StartAt": ..., "States": {...}}` without the braces.
  std::string block(int depth, bool distributed_allowed) {
    const int count = 1 + pick(4);
    const int first = next_;
    next_ += count;
    std::string states;
    for (int i = 0; i < count; ++i) {
      if (i != 0) states += ',';
      const bool last = i + 1 == count;
      states += fmt::format("\"S{}\":{}", first + i,
                            state(depth, last ? -1 : first + i + 1, distributed_allowed));
    }
    return fmt::format("\"StartAt\":\"S{}\",\"States\":{{{}}}", first, states);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool chance(int percent) { return pick(100) < percent; }

  static std::string transition(int next) {
    return next < 0 ? std::string("\"End\":true") : fmt::format("\"Next\":\"S{}\"", next);
  }

  std::string state(int depth, int next, bool distributed_allowed) {
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
        return map(depth, next, false, false);
      default:
        return map(depth, next, distributed_allowed, false);
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
    std::string branches;
    const int count = 2 + pick(2);
    for (int i = 0; i < count; ++i) {
      if (i != 0) branches += ',';
      branches += '{' + block(depth + 1, distributed_allowed) + '}';
    }
    return fmt::format(
        R"({{"Type":"Parallel","Branches":[{}],"Output":{{"n":"{{% $sum([$states.result.n]) % 997 %}}",)"
        R"("xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        branches, parallel_retry(), catcher(next), transition(next));
  }

  // Which of several failing branches is first is a matter of time, so only States.ALL.
  std::string parallel_retry() {
    return chance(80)
               ? ""
               : R"("Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],)";
  }

  std::string result_writer(bool exported) {
    constexpr const char* kTransformations[] = {"NONE", "COMPACT", "FLATTEN"};
    return fmt::format(
        R"("ResultWriter":{{{}"WriterConfig":{{"Transformation":"{}","OutputType":"{}"}}}},)",
        exported
            ? R"("Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"results","Prefix":"p"},)"
            : "",
        kTransformations[pick(3)], chance(50) ? "JSON" : "JSONL");
  }

  std::string map(int depth, int next, bool distributed, bool) {
    const bool tolerant = distributed && chance(50);
    const bool batched = distributed && chance(40);
    std::string fields;
    if (distributed) {
      fields += fmt::format(R"("Label":"L{}",)", next_);
      if (tolerant)
        fields +=
            chance(50) ? R"("ToleratedFailureCount":2,)" : R"("ToleratedFailurePercentage":60,)";
      if (batched)
        fields += fmt::format(R"("ItemBatcher":{{"MaxItemsPerBatch":{}}},)", 1 + pick(3));
    }
    if (chance(60)) fields += fmt::format(R"("MaxConcurrency":{},)", pick(4));
    const bool express = distributed && chance(50);
    const std::string mode =
        distributed
            ? fmt::format(R"("ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"{}"}},)",
                          express ? "EXPRESS" : "STANDARD")
            : "";
    const bool outer = std::exchange(express_, express_ || express);
    std::string body;
    if (batched) {
      // The batch becomes the usual shape first.
      const int head = next_++;
      const std::string rest = block(depth + 1, false);
      const size_t at = std::string_view("\"StartAt\":\"").size();
      const std::string start = rest.substr(at, rest.find('"', at) - at);
      const size_t states = rest.find("\"States\":{") + 10;
      body = fmt::format(
          R"("StartAt":"S{0}","States":{{"S{0}":{{"Type":"Pass","Output":{{"n":"{{% $sum([$states.input.Items.n]) % 997 %}}","xs":[1,2]}},"Next":"{1}"}},{2})",
          head, start, rest.substr(states));
    } else {
      body = block(depth + 1, false);
    }
    express_ = outer;
    const char* sum = tolerant ? "$count($states.result)" : "$sum([$states.result.n]) % 997";
    if (distributed && chance(50)) {
      const bool exported = chance(60);
      fields += result_writer(exported);
      sum = exported ? "$exists($states.result.ResultWriterDetails.Key) ? 11 : 12"
                     : "$count($states.result)";
    }
    return fmt::format(
        R"({{"Type":"Map","Items":"{{% [$states.input.xs] %}}","ItemSelector":{{"n":"{{% $states.context.Map.Item.Value %}}","xs":[3,4]}},)"
        R"({}"ItemProcessor":{{{}{}}},"Output":{{"n":"{{% {} %}}","xs":"{{% [$states.input.xs] %}}"}},{}{}{}}})",
        fields, mode, body, sum, parallel_retry(), catcher(next), transition(next));
  }

  Random& random_;
  bool express_;  // what is drawn at the moment runs in an Express execution
  int next_ = 0;
  std::string variable_;
};

}  // namespace

std::string random_machine(Random& random, bool express) {
  return fmt::format("{{\"QueryLanguage\":\"JSONata\",{}}}",
                     Generator(random, express).block(0, !express));
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
