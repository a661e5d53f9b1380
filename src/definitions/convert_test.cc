#include "definitions/convert.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asl/compile.h"
#include "definitions/definition.h"
#include "definitions/yaml.h"

namespace weft::definitions {
namespace {

using testing::HasSubstr;

Conversion convert(const std::string& state) {
  const auto document = parse_json(file_source(
      "m", R"({"StartAt":"A","States":{"A":)" + state + R"(,"B":{"Type":"Succeed"}}})"));
  return convert_to_jsonata(*document);
}

// The converted state A, or why it is left.
std::string converted(const std::string& state) {
  const Conversion result = convert(state);
  for (const LeftState& left : result.left) {
    if (left.state == "A") return left.reason;
  }
  const std::string text = to_json(result.machine, "").text;
  EXPECT_TRUE(asl::compile(base::Text(text)).program) << text;
  return to_json(*result.machine.find("States")->find("A"), "").text;
}

TEST(Convert, PathsAndCalls_BecomeExpressions) {
  EXPECT_EQ(*convert_expression("$.a['b c'][0].in", "$states.input"),
            "$states.input.a.`b c`[0].`in`");
  EXPECT_EQ(*convert_expression("$$.Map.Item.Value", "$"), "$states.context.Map.Item.Value");
  EXPECT_EQ(*convert_expression("$total.sum", "$"), "$total.sum");
  EXPECT_EQ(*convert_expression("States.Format('{} of {}!', $$.State.Name, States.UUID())",
                                "$states.input"),
            R"(($states.context.State.Name & " of " & $uuid() & "!"))");
  EXPECT_THAT(convert_expression("States.Format('{}', $.a)", "$states.input").error(),
              HasSubstr("when it is an object"));
  EXPECT_THAT(convert_expression("$..a", "$").error(), HasSubstr("no reference path"));
  EXPECT_THAT(convert_expression("$.a[*]", "$").error(), HasSubstr("no reference path"));
  EXPECT_THAT(convert_expression("States.MathRandom(1, 2)", "$").error(), HasSubstr("no equal"));
}

TEST(Convert, AbsurdlyLongPath_IsShortenedInTheReason) {
  EXPECT_EQ(converted(R"({"Type":"Pass","End":true,"InputPath":"$..)" + std::string(9'000, 'x') +
                      R"("})"),
            "the path $.." + std::string(56, 'x') + "… (9,003 bytes) is no reference path");
}

TEST(Convert, Functions_AreConvertedForWhatTheirNamesakesTakeToo) {
  const auto why = [](std::string_view call) {
    const auto result = convert_expression(call, "$");
    return result ? "converted: " + *result : result.error();
  };
  EXPECT_THAT(why("States.Hash(States.Format('{}', $$.State.Name), 'MD5')"),
              HasSubstr("a text of more than 10,000 characters"));
  EXPECT_EQ(*convert_expression("States.Hash($$.Execution.Name, 'SHA-256')", "$"),
            R"($hash($states.context.Execution.Name, "SHA-256"))");
  EXPECT_EQ(*convert_expression("States.Base64Encode(States.Hash('a', 'MD5'))", "$"),
            R"($base64encode($hash("a", "MD5")))");
  EXPECT_EQ(*convert_expression("States.ArrayLength($.a)", "$states.input"),
            R"x(($type($states.input.a) = "array" ? $count($states.input.a) : )x"
            R"x($error("States.ArrayLength takes an array")))x");
  EXPECT_THAT(why("States.Hash($.a, 'MD5')"), HasSubstr("may be no text"));
  EXPECT_THAT(why("States.Hash('a', $.a)"), HasSubstr("computed or unknown algorithm"));
  EXPECT_THAT(why("States.Hash('a', 'SHA-2')"), HasSubstr("computed or unknown algorithm"));
  EXPECT_THAT(why("States.Base64Encode($.a)"), HasSubstr("other than ASCII"));
  EXPECT_THAT(why("States.Base64Encode($$.Execution.Name)"), HasSubstr("other than ASCII"));
  EXPECT_THAT(why("States.Base64Decode('YQ==')"), HasSubstr("other than ASCII"));
  EXPECT_THAT(why("States.Format('{}', 1.0)"), HasSubstr("a number or null"));
  for (const std::string_view call :
       {"States.Array(1)", "States.ArrayPartition($.a, 2)", "States.ArrayContains($.a, 1)",
        "States.ArrayRange(1, 2, 1)", "States.ArrayGetItem($.a, 0)", "States.ArrayUnique($.a)",
        "States.JsonToString($.a)", "States.JsonMerge($.a, $.b, false)", "States.MathAdd(1, 2)",
        "States.MathRandom(1, 2)", "States.StringSplit('a,b', ',')"})
    EXPECT_THAT(why(call), HasSubstr("no equal in JSONata")) << call;
}

TEST(Convert, StateWhoseErrorsAreNamed_Stays) {
  const auto task = [](std::string_view member, std::string_view error) {
    return fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f",{},)"
        R"("Next":"B","Catch":[{{"ErrorEquals":["{}"],"Next":"B"}}]}})",
        member, error);
  };
  const std::string parses = R"x("Parameters":{"a.$":"States.StringToJson($.a)"})x";
  EXPECT_THAT(converted(task(parses, "States.IntrinsicFailure")), HasSubstr("would exchange"));
  EXPECT_THAT(converted(task(parses, "States.QueryEvaluationError")), HasSubstr("would exchange"));
  EXPECT_THAT(converted(task(parses, "States.TaskFailed")), HasSubstr("$parse"));
  const std::string placed = R"("ResultPath":"$.a")";
  EXPECT_THAT(converted(task(placed, "States.ResultPathMatchFailure")),
              HasSubstr("would exchange"));
  EXPECT_THAT(converted(task(placed, "States.IntrinsicFailure")), HasSubstr("$merge"));
  const Conversion around =
      convert(R"x({"Type":"Parallel","Branches":[{"StartAt":"P","States":{"P":{"Type":"Pass",)x"
              R"x("Parameters":{"n.$":"States.ArrayLength($)"},"End":true}}}],"Next":"B",)x"
              R"x("Retry":[{"ErrorEquals":["States.IntrinsicFailure"]}]})x");
  ASSERT_EQ(around.left.size(), 1U);
  EXPECT_EQ(around.left[0].state, "P");
}

TEST(Convert, Task_GetsArgumentsAndOutput) {
  EXPECT_EQ(
      converted(R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
      "InputPath":"$.in","Parameters":{"FunctionName":"f","Payload":{"x.$":"$.x","y":[1]}},
      "ResultSelector":{"r.$":"$.Payload"},"ResultPath":"$.o.p","Next":"B",
      "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"B"}]})"),
      R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",)"
      R"("Arguments":{"FunctionName":"f","Payload":{"x":"{% $states.input.`in`.x %}","y":[1]}},)"
      R"x("Output":"{% ($type($states.input) = \"array\" ? $error(\"ResultPath leads into an array\") : )x"
      R"x($merge([$states.input, {\"o\": ($type($states.input.o) = \"array\" ? )x"
      R"x($error(\"ResultPath leads into an array\") : )x"
      R"x($merge([$states.input.o, {\"p\": {\"r\": $states.result.Payload}}]))}])) %}","Next":"B",)x"
      R"x("Catch":[{"ErrorEquals":["States.ALL"],"Next":"B","Output":"{% ($type($states.input) = \"array\" ? )x"
      R"x($error(\"ResultPath leads into an array\") : $merge([$states.input, {\"error\": $states.errorOutput}])) %}"}]})x");
}

TEST(Convert, ResultPath_ToAWordOfJsonatas_StandsInBackticks) {
  EXPECT_THAT(
      converted(R"({"Type":"Pass","Result":[],"ResultPath":"$.in.x","Next":"B"})"),
      HasSubstr(
          R"x($merge([$states.input, {\"in\": ($type($states.input.`in`) = \"array\" ? )x"
          R"x($error(\"ResultPath leads into an array\") : $merge([$states.input.`in`, {\"x\": )x"));
  EXPECT_THAT(converted(R"({"Type":"Pass","ResultPath":"$.and","Next":"B"})"),
              HasSubstr(R"x({\"and\": $states.input})x"));
}

TEST(Convert, Choice_KeepsTheTypesOfItsComparisons) {
  EXPECT_THAT(
      converted(R"({"Type":"Choice","Default":"B","Choices":[{"Next":"B","And":[
      {"Variable":"$.a","IsPresent":true},{"Not":{"Variable":"$.a","NumericLessThan":5}}]}]})"),
      HasSubstr(
          R"x("Condition":"{% ($exists($states.input.a)) and ($not(($type($states.input.a) = \"number\" and $states.input.a < 5))) %}")x"));
  EXPECT_THAT(
      converted(
          R"({"Type":"Choice","Default":"B","Choices":[{"Next":"B","Variable":"$.a","StringMatches":"a*.b"}]})"),
      HasSubstr(R"x($contains($states.input.a, /^a[\\s\\S]*\\.b$/))x"));
}

TEST(Convert, RuleWhoseVariableFindsNothing_FailsUnlessAskedWhetherItDoes) {
  const auto rule = [](const std::string& text) {
    return *convert_rule(*parse_json(file_source("rule", text)), "$states.input");
  };
  const std::string big = R"({"Variable":"$.a","NumericGreaterThan":5})";
  const std::string is_big = R"(($type($states.input.a) = "number" and $states.input.a > 5))";
  EXPECT_EQ(rule(big),
            "$exists($states.input.a) ? " + is_big + R"x( : $error("Invalid path '$.a'"))x");
  const std::string present = R"({"Variable":"$.a","IsPresent":true})";
  EXPECT_EQ(rule(R"({"And":[)" + present + "," + big + "]}"),
            "($exists($states.input.a)) and (" + is_big + ")");
  EXPECT_THAT(rule(R"({"And":[{"Variable":"$.a","IsPresent":false},)" + big + "]}"),
              HasSubstr("$error"));
  EXPECT_THAT(rule(R"({"Or":[)" + present + "," + big + "]}"), HasSubstr("$error"));
  EXPECT_THAT(rule(R"({"And":[{"Variable":"$.b","IsPresent":true},)" + big + "]}"),
              HasSubstr("$error"));
  EXPECT_EQ(rule(R"({"Variable":"$","IsNull":true})"), R"($type($states.input) = "null")");
}

TEST(Convert, Fields_StandWhereThoseStoodThatTheyAreMadeOf) {
  EXPECT_EQ(
      converted(R"({"Type":"Wait","Next":"B","SecondsPath":"$.s","Comment":"c"})"),
      R"({"Type":"Wait","Next":"B","Seconds":"{% $number($states.input.s) %}","Comment":"c"})");
  EXPECT_EQ(converted(R"({"Type":"Wait","Seconds":1,"Next":"B"})"),
            R"({"Type":"Wait","Seconds":1,"Next":"B"})");
  EXPECT_THAT(
      converted(
          R"({"Type":"Choice","Choices":[{"Next":"B","Variable":"$.a","IsPresent":true}],"Default":"B"})"),
      testing::EndsWith(R"("Default":"B"})"));
}

TEST(Convert, OutputPathWithAnIndex_IsOfWhatTheStateMakes) {
  EXPECT_THAT(converted(R"({"Type":"Pass","Result":[4,5],"OutputPath":"$[1]","Next":"B"})"),
              HasSubstr(R"("Output":"{% ([4,5])[1] %}")"));
  EXPECT_THAT(
      converted(
          R"({"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","OutputPath":"$[0]","Next":"B"})"),
      HasSubstr(R"("Output":"{% ($states.result)[0] %}")"));
}

TEST(Convert, WhatHasNoEqual_StaysAndIsNamed) {
  EXPECT_THAT(converted(R"({"Type":"Pass","Parameters":{"a.$":"$..x"},"Next":"B"})"),
              HasSubstr("no reference path"));
  EXPECT_THAT(
      converted(
          R"({"Type":"Choice","Default":"B","Choices":[{"Variable":"$.t","TimestampEquals":"2020-01-01T00:00:00Z","Next":"B"}]})"),
      HasSubstr("TimestampEquals has no equal"));
  const Conversion mixed = convert(R"({"Type":"Pass","Parameters":{"a.$":"$..x"},"Next":"B"})");
  EXPECT_EQ(mixed.converted, 1U);
  EXPECT_EQ(to_json(*mixed.machine.find("States")->find("B"), "").text,
            R"({"Type":"Succeed","QueryLanguage":"JSONata"})");
  EXPECT_TRUE(asl::compile(base::Text(to_json(mixed.machine, "").text)).program);
}

TEST(Convert, AWholeMachine_SaysItsLanguageOnce) {
  const Conversion all =
      convert(R"({"Type":"Pass","Result":{"a":1},"ResultPath":"$.x","Next":"B"})");
  EXPECT_EQ(
      to_json(all.machine, "").text,
      R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass",)"
      R"x("Output":"{% ($type($states.input) = \"array\" ? $error(\"ResultPath leads into an array\") : )x"
      R"x($merge([$states.input, {\"x\": {\"a\":1}}])) %}","Next":"B"},"B":{"Type":"Succeed"}}})x");
}

}  // namespace
}  // namespace weft::definitions
