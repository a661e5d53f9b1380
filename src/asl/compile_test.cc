#include "asl/compile.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asl/hints.h"
#include "asl/jsonata_query.h"
#include "json/write.h"

namespace weft::asl {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Program> must_compile(const std::string& text, bool express = false) {
  CompileResult result = compile(base::Text(text), {.express = express});
  for (const Diagnostic& diagnostic : result.diagnostics) {
    ADD_FAILURE() << diagnostic.code << ": " << diagnostic.message << " at " << diagnostic.location;
  }
  return result.program;
}

// A JSONata machine whose only state is `state`.
std::string machine_of(const std::string& state) {
  return R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":)" + state + "}}";
}

const State& only_state(const Program& program) { return program.state(0); }

TEST(Compile, AbsurdlyLongNames_AreShortenedInWhatIsSaid) {
  const std::string name(20'000, 'x');
  const CompileResult result =
      compile(base::Text(machine_of(R"({"Type":"Pass","End":true,"Output":{")" + name +
                                    R"(":"{% 1* %}"},"Assign":{")" + name + R"(":1}})")));
  ASSERT_EQ(result.diagnostics.size(), 2U);
  EXPECT_EQ(result.diagnostics[0].location,
            "/States/A/Output/" + std::string(42, 'x') + "… (20,017 bytes)");
  EXPECT_EQ(result.diagnostics[1].message, "The variable name '" + std::string(58, 'x') +
                                               "… (20,002 bytes) is longer than 80 characters");
}

TEST(Compile, PassThrough_KeepsTextNamesAndTransitions) {
  const std::string text =
      R"({"Comment":"c","StartAt":"A","TimeoutSeconds":9,"States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}})";
  auto program = must_compile(text);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->definition.view(), text);
  EXPECT_EQ(program->comment, "c");
  EXPECT_EQ(program->timeout_seconds, 9);
  EXPECT_EQ(program->language, QueryLanguage::kJsonPath);
  ASSERT_EQ(program->blocks.size(), 1U);
  EXPECT_THAT(program->block(kRootBlock).states, ElementsAre(0U, 1U));
  EXPECT_EQ(program->block(kRootBlock).start_at, 0U);
  EXPECT_EQ(program->block(kRootBlock).enclosing_state, kNoState);
  EXPECT_EQ(program->state(0).next, 1U);
  EXPECT_EQ(program->state(1).next, kNoState);
  EXPECT_EQ(program->state(1).type, StateType::kSucceed);
  EXPECT_EQ(program->state(0).language, QueryLanguage::kJsonPath);
}

using Kind = JsonataQuery::Node::Kind;

// What JSONata made of a field that is no literal.
const JsonataQuery::Node& node(const Template& field) {
  return dynamic_cast<const JsonataQuery&>(*field.query).root();
}

TEST(Compile, OutputWithoutExpressions_IsOneLiteral) {
  auto program = must_compile(
      machine_of(R"({"Type":"Pass","End":true,"Output":{"a":[1,"x",{"b":" {% no %} "}]}})"));
  ASSERT_TRUE(program);
  const Template& output = *only_state(*program).output;
  EXPECT_TRUE(output.is_literal());
  EXPECT_EQ(json::to_text(output.literal), R"({"a":[1,"x",{"b":" {% no %} "}]})");
  EXPECT_EQ(output.field, "Output");
}

TEST(Compile, OutputWithExpressions_NamesEachField) {
  auto program = must_compile(machine_of(
      R"({"Type":"Pass","End":true,"Output":{"lit":[1],"values":["{%  $states.input.a \n%}",2]}})"));
  ASSERT_TRUE(program);
  const JsonataQuery::Node& output = node(*only_state(*program).output);
  ASSERT_EQ(output.kind, Kind::kObject);
  EXPECT_THAT(output.keys, ElementsAre("lit", "values"));
  EXPECT_EQ(output.elements[0].kind, Kind::kLiteral);
  const JsonataQuery::Node& values = output.elements[1];
  ASSERT_EQ(values.kind, Kind::kArray);
  EXPECT_EQ(values.elements[0].kind, Kind::kExpression);
  EXPECT_EQ(values.elements[0].source, "$states.input.a");
  EXPECT_EQ(values.elements[0].field, "Output/values[0]");
  EXPECT_TRUE(values.elements[0].expression);
}

TEST(Compile, Choice_NamesFieldsByRule) {
  auto program = must_compile(
      R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
          "A":{"Type":"Choice","Choices":[
            {"Condition":true,"Next":"B"},
            {"Condition":"{% $states.input.x %}","Next":"B","Output":{"v":"{% $states.input %}"},"Assign":{"y":"{% 1 %}"}}],
            "Default":"B"},
          "B":{"Type":"Succeed"}}})");
  ASSERT_TRUE(program);
  const auto& choice = std::get<ChoiceState>(only_state(*program).body);
  ASSERT_EQ(choice.rules.size(), 2U);
  EXPECT_TRUE(choice.rules[0].condition.is_literal());
  EXPECT_TRUE(choice.rules[0].condition.literal.as_bool());
  EXPECT_EQ(choice.rules[1].condition.field, "Choices[1]/Condition");
  EXPECT_EQ(node(*choice.rules[1].output).elements[0].field, "Choices[1]/Output/v");
  EXPECT_EQ(choice.rules[1].assign[0].value.field, "Choices[1]/Assign/y");
  EXPECT_EQ(choice.rules[1].next, 1U);
  EXPECT_EQ(choice.default_next, 1U);
  EXPECT_EQ(only_state(*program).next, kNoState);
}

TEST(Compile, TaskWithRetryAndCatch_FillsEveryField) {
  auto program = must_compile(
      R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
          "A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
               "Arguments":{"FunctionName":"{% $f %}"},"TimeoutSeconds":"{% 5 %}","HeartbeatSeconds":2,
               "Retry":[{"ErrorEquals":["E"],"IntervalSeconds":2,"MaxAttempts":0,"BackoffRate":1.5,"MaxDelaySeconds":9,"JitterStrategy":"FULL"},
                        {"ErrorEquals":["States.ALL"]}],
               "Catch":[{"ErrorEquals":["X","Y"],"Next":"B"},
                        {"ErrorEquals":["States.ALL"],"Next":"B","Output":"{% $states.errorOutput %}","Assign":{"e":1}}],
               "Output":"{% $states.result %}","Next":"B"},
          "B":{"Type":"Fail","Error":"E","Cause":"{% $states.input.c %}"}}})");
  ASSERT_TRUE(program);
  const State& state = only_state(*program);
  const auto& task = std::get<TaskState>(state.body);
  EXPECT_EQ(task.resource.kind, TaskResource::Kind::kService);
  EXPECT_EQ(task.resource.resource_type, "lambda");
  EXPECT_EQ(task.resource.resource, "invoke.waitForTaskToken");
  EXPECT_EQ(task.resource.pattern, IntegrationPattern::kWaitForTaskToken);
  EXPECT_EQ(node(*task.arguments).elements[0].field, "Arguments/FunctionName");
  EXPECT_EQ(node(*task.timeout_seconds).kind, Kind::kExpression);
  EXPECT_EQ(task.heartbeat_seconds->literal.as_int(), 2);
  ASSERT_EQ(state.retry.size(), 2U);
  EXPECT_THAT(state.retry[0].error_equals, ElementsAre("E"));
  EXPECT_EQ(state.retry[0].interval_seconds, 2);
  EXPECT_EQ(state.retry[0].max_attempts, 0);
  EXPECT_EQ(state.retry[0].backoff_rate, 1.5);
  EXPECT_EQ(state.retry[0].max_delay_seconds, 9);
  EXPECT_TRUE(state.retry[0].full_jitter);
  EXPECT_EQ(state.retry[1].max_attempts, 3);
  EXPECT_FALSE(state.retry[1].max_delay_seconds);
  ASSERT_EQ(state.catchers.size(), 2U);
  EXPECT_EQ(state.catchers[0].next, 1U);
  EXPECT_FALSE(state.catchers[0].output);
  EXPECT_EQ(state.catchers[1].output->field, "Catch[1]/Output");
  EXPECT_EQ(state.catchers[1].assign[0].name, "e");
  const auto& fail = std::get<FailState>(program->state(1).body);
  EXPECT_EQ(fail.error->literal.as_string(), "E");
  EXPECT_EQ(node(*fail.cause).source, "$states.input.c");
}

TEST(Compile, ParallelAndInlineMap_MakeBlocksOfTheirOwn) {
  auto program = must_compile(
      R"({"QueryLanguage":"JSONata","StartAt":"P","States":{
          "P":{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}},
                                             {"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"Next":"M"},
          "M":{"Type":"Map","Items":[1,"{% 2 %}"],"MaxConcurrency":3,"ItemSelector":{"i":"{% $states.context.Map.Item.Value %}"},
               "ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Pass","End":true}}},"End":true}}})");
  ASSERT_TRUE(program);
  const auto& parallel = std::get<ParallelState>(program->state(0).body);
  ASSERT_EQ(parallel.branches.size(), 2U);
  const Block& second = program->block(parallel.branches[1]);
  EXPECT_EQ(second.enclosing_state, 0U);
  EXPECT_EQ(program->state(second.start_at).name, "B");
  EXPECT_EQ(program->state(second.start_at).block, parallel.branches[1]);
  const auto& map = std::get<MapState>(program->state(1).body);
  EXPECT_FALSE(map.distributed);
  EXPECT_EQ(program->block(map.processor).enclosing_state, 1U);
  EXPECT_EQ(node(*map.items).kind, Kind::kArray);
  EXPECT_EQ(node(*map.items).elements[1].field, "Items[1]");
  EXPECT_EQ(node(*map.item_selector).elements[0].field, "ItemSelector/i");
  EXPECT_EQ(map.max_concurrency->literal.as_int(), 3);
  EXPECT_TRUE(map.label.empty());
}

TEST(Compile, ExpressChildren_AreOfThatType) {
  auto program = must_compile(machine_of(
      R"({"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},
          "StartAt":"C","States":{"C":{"Type":"Pass","End":true}}},"End":true})"));
  EXPECT_EQ(std::get<MapState>(only_state(*program).body).child_type, ChildType::kExpress);
}

TEST(Compile, DistributedMapWithFile_KeepsReaderBatcherAndLimits) {
  auto program = must_compile(machine_of(
      R"({"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
          "StartAt":"C","States":{"C":{"Type":"Pass","End":true}}},
          "ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{"Bucket":"b","Key":"{% $states.input.k %}"},
                        "ReaderConfig":{"InputType":"JSON","MaxItems":"{% 7 %}"}},
          "ItemBatcher":{"MaxItemsPerBatch":10,"MaxInputBytesPerBatch":1000,"BatchInput":{"x":"{% $states.input.x %}"}},
          "ToleratedFailurePercentage":1.5,"ToleratedFailureCount":"{% 3 %}","End":true})"));
  ASSERT_TRUE(program);
  const auto& map = std::get<MapState>(only_state(*program).body);
  EXPECT_TRUE(map.distributed);
  EXPECT_EQ(map.child_type, ChildType::kStandard);
  ASSERT_TRUE(map.item_reader);
  EXPECT_EQ(map.item_reader->source, ItemReader::Source::kGetObject);
  EXPECT_EQ(map.item_reader->input_type, "JSON");
  EXPECT_EQ(node(*map.item_reader->arguments).elements[1].field, "ItemReader/Arguments/Key");
  EXPECT_EQ(map.item_reader->max_items->field, "ItemReader/ReaderConfig/MaxItems");
  EXPECT_EQ(map.item_batcher->max_items_per_batch->literal.as_int(), 10);
  EXPECT_EQ(map.item_batcher->max_input_bytes_per_batch->literal.as_int(), 1000);
  EXPECT_EQ(node(*map.item_batcher->batch_input).elements[0].field, "ItemBatcher/BatchInput/x");
  EXPECT_EQ(map.tolerated_failure_percentage->literal.as_double(), 1.5);
  EXPECT_EQ(node(*map.tolerated_failure_count).kind, Kind::kExpression);
  EXPECT_EQ(map.label.size(), 36U);
}

TEST(Compile, GeneratedLabel_IsTheSameForTheSameState) {
  const std::string text = machine_of(
      R"({"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
          "StartAt":"C","States":{"C":{"Type":"Pass","End":true}}}})");
  auto first = must_compile(text);
  auto second = must_compile(text);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(std::get<MapState>(only_state(*first).body).label,
            std::get<MapState>(only_state(*second).body).label);
}

TEST(Compile, JsonPathLiterals_MapToTemplates) {
  auto program = must_compile(
      R"({"StartAt":"A","States":{
          "A":{"Type":"Pass","Result":{"x":"$.not"},"ResultPath":"$","Next":"B","Assign":{"v":1}},
          "B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","Parameters":{"k":"{% $lit %}"},"Next":"C",
               "Catch":[{"ErrorEquals":["States.ALL"],"Next":"C","ResultPath":"$"}]},
          "C":{"Type":"Wait","Seconds":1,"Next":"D"},
          "D":{"Type":"Map","ItemsPath":"$","Parameters":{"n":1},"Iterator":{"StartAt":"E","States":{"E":{"Type":"Pass","End":true}}},"End":true}}})");
  ASSERT_TRUE(program);
  EXPECT_FALSE(program->state(0).output);
  const auto& pass = std::get<PassState>(program->state(0).body);
  EXPECT_EQ(json::to_text(pass.result->literal), R"({"x":"$.not"})");
  EXPECT_EQ(program->state(0).assign[0].name, "v");
  const auto& task = std::get<TaskState>(program->state(1).body);
  EXPECT_EQ(task.resource.kind, TaskResource::Kind::kLambdaFunction);
  EXPECT_TRUE(task.arguments->is_literal());
  EXPECT_EQ(json::to_text(task.arguments->literal), R"({"k":"{% $lit %}"})");
  const auto& map = std::get<MapState>(program->state(3).body);
  EXPECT_TRUE(map.items);
  EXPECT_EQ(json::to_text(map.item_selector->literal), R"({"n":1})");
}

TEST(VariableReferences, ListNamesPerState_SortedWithoutLocalsAndStates) {
  auto program = must_compile(
      R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
          "A":{"Type":"Pass","Assign":{"x":1},"Next":"B"},
          "B":{"Type":"Pass","Output":{"v":"{% $zed + $states.input.n %}","w":"{% $alpha %}"},"Assign":{"q":"{% $mid %}"},"End":true}}})");
  ASSERT_TRUE(program);
  auto references = variable_references(*program);
  ASSERT_EQ(references.size(), 1U);
  EXPECT_THAT(references["B"], ElementsAre("alpha", "mid", "zed"));
}

TEST(ProcessorDefinition, LeavesOutConfigAndNamesTheLanguage) {
  auto program = must_compile(machine_of(
      R"({"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
          "StartAt":"C","States":{"C":{"Type":"Pass", "End":true}}}})"));
  ASSERT_TRUE(program);
  const std::string text = processor_definition(*program, 0);
  EXPECT_EQ(
      text,
      R"({"StartAt":"C","States":{"C":{"Type":"Pass","End":true}},"QueryLanguage":"JSONata"})");
  EXPECT_TRUE(must_compile(text));
}

TEST(InvalidDefinition, JoinsFindingsAsCreateStateMachineDoes) {
  CompileResult result = compile(base::Text(
      R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"X"},"B":{"Type":"Succeed"}}})"));
  EXPECT_FALSE(result.program);
  base::Error error = invalid_definition(result.diagnostics);
  EXPECT_EQ(error.code, base::ErrorCode::kInvalidDefinition);
  EXPECT_EQ(
      error.message,
      "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: X at "
      "/States/A/Next, MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B'");
}

TEST(InvalidDefinition, SyntaxErrorNamesItsPlaceOnce) {
  CompileResult result = compile(base::Text("not a definition"));
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(result.diagnostics[0].location,
            "[Source: (String)\"not a definition\"; line: 1, column: 4]");
  EXPECT_EQ(
      invalid_definition(result.diagnostics).message,
      "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Unrecognized token 'not': was "
      "expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at "
      "[Source: (String)\"not a definition\"; line: 1, column: 4]'");
}

TEST(Compile, ManyFindings_AreCountedAndTheFirstListed) {
  std::string items;
  for (int i = 0; i < 30'000; ++i) items += "\"{% ( %}\",";
  const CompileResult result = compile(
      base::Text(
          R"({"QueryLanguage":"JSONata","StartAt":"s","States":{"s":{"Type":"Pass","Output":[)" +
          items + R"(1],"End":true}}})"),
      {});
  EXPECT_EQ(result.errors, 30'000u);
  EXPECT_EQ(result.program, nullptr);
  ASSERT_EQ(result.diagnostics.size(), kFindingsMax);
  EXPECT_EQ(result.diagnostics.back().location, "/States/s/Output[99]");
}

// `count` states in a row, each with `member(i)` beside its Type.
template <typename Member>
std::string chain_of(int count, Member member) {
  std::string text = R"({"QueryLanguage":"JSONata","StartAt":"s0","States":{)";
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "\"s" : ",\"s") + std::to_string(i) + R"(":{"Type":"Pass",)" + member(i) +
            (i + 1 < count ? R"("Next":"s)" + std::to_string(i + 1) + "\"}"
                           : std::string(R"("End":true})"));
  }
  return text + "}}";
}

// What follows takes minutes where a step's time grows with the square of the states.
TEST(Compile, LongChain_IsAccepted) {
  const CompileResult result =
      compile_with_hints(base::Text(chain_of(20'000, [](int) { return std::string(); })));
  ASSERT_TRUE(result.program);
  EXPECT_EQ(result.program->states.size(), 20'000U);
}

TEST(Compile, EachOfManyStatesAssignsAndReads_IsAccepted) {
  const CompileResult result = compile_with_hints(base::Text(chain_of(4'000, [](int i) {
    const std::string read = i == 0 ? "1" : "\"{% $v" + std::to_string(i - 1) + " %}\"";
    return R"("Assign":{"v)" + std::to_string(i) + "\":" + read + "},";
  })));
  EXPECT_TRUE(result.program);
  EXPECT_EQ(result.warnings, 0U);
}

TEST(Compile, ManyTargetsThatAreNoStates_AreCounted) {
  std::string text = R"({"StartAt":"a","States":{"a":{"Type":"Pass","End":true})";
  for (int i = 0; i < 12'000; ++i) {
    text += ",\"state" + std::to_string(i) + R"(":{"Type":"Pass","Next":"status)" +
            std::to_string(i) + "\"}";
  }
  // Each is unreachable, too.
  EXPECT_EQ(compile(base::Text(text + "}}")).errors, 24'000U);
}

TEST(Compile, ManyNamesInOneExpression_AreCounted) {
  std::string names = "a0";
  for (int i = 1; i < 20'000; ++i) names += ",a" + std::to_string(i);
  const std::string text =
      machine_of(R"({"Type":"Pass","Output":"{% [$x1,)" + names + R"(] %}","End":true})");
  EXPECT_EQ(compile_with_hints(base::Text(text)).errors, 20'000U);
}

TEST(Compile, TooLargeDefinition_IsRefused) {
  CompileResult result = compile(base::Text(std::string(1'048'577, ' ')));
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_THAT(result.diagnostics[0].message, ::testing::HasSubstr("1048576"));
}

TEST(Compile, StatesNestedTooDeep_AreRefused) {
  std::string text = R"({"Type":"Pass","End":true})";
  for (int i = 0; i < 45; ++i) {
    text = R"({"Type":"Parallel","End":true,"Branches":[{"StartAt":"S)" + std::to_string(i) +
           R"(","States":{"S)" + std::to_string(i) + "\":" + text + "}}]}";
  }
  CompileResult result = compile(base::Text(machine_of(text)));
  EXPECT_FALSE(result.program);
  EXPECT_FALSE(result.diagnostics.empty());
}

std::vector<std::string> hints_of(const std::string& state) {
  const std::string text =
      R"({"QueryLanguage":"JSONata","StartAt":"First","States":{"First":)" + state +
      R"(,"Last":{"Type":"Pass","Assign":{"total":1},"Next":"End"},"End":{"Type":"Succeed"}}})";
  std::vector<std::string> hints;
  for (const Diagnostic& found : compile_with_hints(base::Text(text)).diagnostics) {
    const size_t at = found.message.find(kHintBegins);
    if (at != std::string::npos) hints.push_back(found.message.substr(at + 2));
  }
  return hints;
}

TEST(CompileWithHints, SaysWhatWasProbablyMeant) {
  using Hints = std::vector<std::string>;
  EXPECT_EQ(hints_of(R"({"Type":"Pass","Outptu":1,"Next":"Last"})"),
            Hints{"Did you mean 'Output'?"});
  EXPECT_EQ(hints_of(R"({"Type":"Task","Resource":"arn:aws:states:::http:invoke","Parameters":{},)"
                     R"("Next":"Last"})"),
            Hints{"Did you mean 'Arguments'?"});
  EXPECT_EQ(hints_of(R"({"Type":"Wait","SecondsPath":"$.x","Next":"Last"})").front(),
            "Did you mean 'Seconds'?");
  EXPECT_EQ(hints_of(R"({"Type":"pass","Next":"Last"})"), Hints{"Did you mean 'Pass'?"});
  EXPECT_EQ(hints_of(R"({"Type":"Pass","Next":"Lsat"})").front(), "Did you mean 'Last'?");
  EXPECT_EQ(hints_of(R"({"Type":"Pass","Output":"{% $sume([1]) %}","Next":"Last"})"),
            Hints{"Did you mean '$sum'?"});
  EXPECT_EQ(hints_of(R"({"Type":"Pass","Quux":1,"Next":"Last"})"), Hints{});
  EXPECT_EQ(hints_of(R"({"Type":"Pass","Output":"{% $staes.input %}","Next":"Last"})"),
            Hints{"Did you mean '$states'?"});
}

TEST(CompileWithHints, KnowsAwssNames) {
  using Hints = std::vector<std::string>;
  const auto task = [](std::string_view resource, std::string_view more) {
    return hints_of(fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::{}","Arguments":{{{}}},"Next":"Last"}})",
        resource, more));
  };
  EXPECT_EQ(task("lambda:invok", R"("FunctionName":"f")"),
            Hints{"Did you mean 'arn:aws:states:::lambda:invoke'?"});
  EXPECT_EQ(task("states:startExecution.synch", R"("StateMachineArn":"x")"),
            Hints{"Did you mean 'arn:aws:states:::states:startExecution.sync'?"});
  EXPECT_EQ(task("lambda:invoke", R"("FunctonName":"f")"), Hints{"Did you mean 'FunctionName'?"});
  const auto retry = [&](std::string_view name) {
    return hints_of(
        fmt::format(R"({{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":)"
                    R"({{"FunctionName":"f"}},"Retry":[{{"ErrorEquals":["{}"]}}],"Next":"Last"}})",
                    name));
  };
  EXPECT_EQ(retry("States.Timout"), Hints{"Did you mean 'States.Timeout'?"});
  EXPECT_EQ(retry("States.Timeout"), Hints{});
  EXPECT_EQ(retry("States.Http.StatusCode.404"), Hints{});
  EXPECT_EQ(retry("Timout"), Hints{});
}

TEST(CompileWithHints, AModeWithASlipIsOneFinding) {
  const std::string text =
      R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","ItemReader":)"
      R"({"Resource":"arn:aws:states:::s3:listObjects","Arguments":{"Bucket":"b"}},)"
      R"("ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTE","ExecutionType":"STANDARD"},)"
      R"("StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}}})";
  const auto found = compile_with_hints(base::Text(text)).diagnostics;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].message.ends_with("Did you mean 'arn:aws:states:::s3:listObjectsV2'?"));
  EXPECT_TRUE(found[1].message.ends_with("Did you mean 'DISTRIBUTED'?"));
}

TEST(Compile, FunctionsThatAreNotThere_AreAllNamedWithTheirPlaces) {
  const std::string text = R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{
      "FunctionName":"enrihc"},"Next":"B"},
    "B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{
      "FunctionName":"{% $states.input.f %}"},"Next":"C"},
    "C":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:price","Next":"D"},
    "D":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{
      "FunctionName":"there"},"End":true}}})";
  std::vector<std::string> asked;
  const CompileOptions options{.function_problem = [&](std::string_view called) {
    asked.emplace_back(called);
    return called == "there" ? FunctionProblem{} : FunctionProblem{"It is not there", "enrich"};
  }};
  const CompileResult result = compile_with_hints(base::Text(text), options);
  EXPECT_EQ(asked, (std::vector<std::string>{
                       "enrihc", "arn:aws:lambda:us-east-1:123456789012:function:price", "there"}));
  ASSERT_EQ(result.diagnostics.size(), 2u);
  EXPECT_EQ(result.diagnostics[0].code, "FUNCTION_NOT_GIVEN");
  EXPECT_EQ(result.diagnostics[0].message, "It is not there. Did you mean 'enrich'?");
  EXPECT_EQ(result.diagnostics[0].location, "/States/A/Arguments/FunctionName");
  EXPECT_EQ(result.diagnostics[0].line, 3u);
  EXPECT_EQ(result.diagnostics[1].line, 6u);
}

}  // namespace
}  // namespace weft::asl
