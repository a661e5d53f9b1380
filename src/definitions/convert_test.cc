#include "definitions/convert.h"

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

TEST(Convert, Task_GetsArgumentsAndOutput) {
  EXPECT_EQ(
      converted(R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",
      "InputPath":"$.in","Parameters":{"FunctionName":"f","Payload":{"x.$":"$.x","y":[1]}},
      "ResultSelector":{"r.$":"$.Payload"},"ResultPath":"$.o.p","Next":"B",
      "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"B"}]})"),
      R"({"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Next":"B",)"
      R"("Arguments":{"FunctionName":"f","Payload":{"x":"{% $states.input.`in`.x %}","y":[1]}},)"
      R"("Output":"{% $merge([$states.input, {\"o\": $merge([$states.input.o, {\"p\": {\"r\": $states.result.Payload}}])}]) %}",)"
      R"("Catch":[{"ErrorEquals":["States.ALL"],"Next":"B","Output":"{% $merge([$states.input, {\"error\": $states.errorOutput}]) %}"}]})");
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
      R"({"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Next":"B",)"
      R"("Output":"{% $merge([$states.input, {\"x\": {\"a\":1}}]) %}"},"B":{"Type":"Succeed"}}})");
}

}  // namespace
}  // namespace weft::definitions
