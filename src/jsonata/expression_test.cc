#include "jsonata/expression.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace weft::jsonata {
namespace {

// The result as JSON, "undefined", or `CODE: message` of the error.
class Evaluated : public testing::Test {
 protected:
  std::string run(std::string_view text, std::string_view states = "{}", Budget budget = {}) {
    const auto expression = Expression::compile(text, Dialect::kAws);
    if (!expression) return expression.error().code + ": " + expression.error().message;
    const auto value = json::parse_copy(states, arena_);
    EXPECT_TRUE(value);
    const Binding bindings[] = {{"states", *value}};
    Environment environment;
    environment.now_ms = 1'700'000'000'123;
    environment.random_seed = 7;
    const auto result =
        evaluate(**expression, json::Value(), bindings, arena_, environment, budget);
    if (!result) return result.error().code + ": " + result.error().message;
    return result->is_undefined() ? "undefined" : json::to_text(*result);
  }
  json::Arena arena_;
};

using AwsDialect = Evaluated;

TEST_F(AwsDialect, StatesVariable_ReadAndComputedWith) {
  EXPECT_EQ(run("$states.result.Payload", R"({"result":{"Payload":[1,{"a":2}]}})"),
            R"([1,{"a":2}])");
  EXPECT_EQ(run("$states.input.n > 3 and $states.input.s = 'x'", R"({"input":{"n":4,"s":"x"}})"),
            "true");
  EXPECT_EQ(run("$states.input.missing"), "undefined");
  EXPECT_EQ(run("{'a': $states.input.missing, 'b': 1}"), R"({"b":1})");
  EXPECT_EQ(run("$merge([$states.input, {'b': 2}])", R"({"input":{"a":1}})"), R"({"a":1,"b":2})");
}

TEST_F(AwsDialect, LargeWholeNumbers_KeepTheirDigits) {
  EXPECT_EQ(run("$states.input.id", R"({"input":{"id":9007199254740993}})"), "9007199254740993");
  EXPECT_EQ(run("$parse('{\"id\":9223372036854775807}')"), R"({"id":9223372036854775807})");
}

TEST_F(AwsDialect, AddedFunctions_AsDocumented) {
  EXPECT_EQ(run("$partition([1,2,3,4,5], 2)"), "[[1,2],[3,4],[5]]");
  EXPECT_EQ(run("$range(1, 10, 3)"), "[1,4,7,10]");
  EXPECT_EQ(run("$range(5, 1, -2)"), "[5,3,1]");
  EXPECT_EQ(run("$hash('input', 'SHA-1')"), "\"140f86aae51ab9e1cda9b4254fe98a74eb54c1a1\"");
  EXPECT_EQ(run("$random(42)"), "0.7275636800328681");
  EXPECT_EQ(run("$length($uuid())"), "36");
  EXPECT_EQ(run("$millis()"), "1700000000123");
  EXPECT_EQ(run("$now()"), "\"2023-11-14T22:13:20.123Z\"");
}

TEST_F(AwsDialect, RemovedParts_Refused) {
  EXPECT_EQ(run("$eval('1')"), "T1006: Attempted to invoke a non-function");
  EXPECT_EQ(run("1 ?: 2").substr(0, 5), "S0211");
  EXPECT_EQ(run("1 ?? 2").substr(0, 5), "S0211");
}

TEST_F(AwsDialect, CrossedBounds_GiveAwsTexts) {
  const std::string memory =
      ": Expression evaluation memory limit exceeded: Check for excessive memory usage";
  const std::string depth =
      ": Stack overflow error: Check for non-terminating recursive function. Consider rewriting as "
      "tail-recursive.";
  EXPECT_EQ(run("$count([1..873782])"), "873782");
  EXPECT_EQ(run("$count([1..873783])"), memory);
  EXPECT_EQ(run("$count($range(1, 360145, 1))"), "360145");
  EXPECT_EQ(run("$count($range(1, 360146, 1))"), memory);
  EXPECT_EQ(run("($f := function($n){ 1 + $f($n) }; $f(1))"), depth);
  std::string sum = "1";
  for (int i = 0; i < 200; ++i) sum += "+1";
  EXPECT_EQ(run(sum), depth);
}

TEST_F(AwsDialect, EndlessTailCalls_RunInConstantMemory) {
  Budget budget;
  budget.fuel = 2'000'000;
  budget.arena_bytes = 200'000;
  EXPECT_EQ(run("($f := function($n){ $f($n + 1) }; $f(1))", "{}", budget),
            ": Expression evaluation timeout: Check for infinite loop");
}

TEST_F(AwsDialect, DeeplyNestedValues_NeverExhaustTheStack) {
  const std::string nest = "$reduce([1..300000], function($a, $b){ {'a': $a} })";
  EXPECT_EQ(run("$length($string(" + nest + "))").substr(0, 22), ": Stack overflow error");
  EXPECT_EQ(run(nest + " = " + nest), "false");
  EXPECT_EQ(run("$count(" + nest + ".**)").substr(0, 22), ": Stack overflow error");
  EXPECT_GT(run(nest).size(), 1000U);
}

TEST_F(AwsDialect, RuntimeErrors_NameCodeAndValue) {
  EXPECT_EQ(run("1 + 'a'"),
            "T2002: The right side of the \"+\" operator must evaluate to a number");
  EXPECT_EQ(run("$sum('a')"),
            "T0412: Argument 1 of function \"sum\" must be an array of \"numbers\"");
  EXPECT_EQ(run("$error('boom')"), "D3137: boom");
}

TEST(Expression, Facts_ToldAtCompileTime) {
  const auto expression = Expression::compile(
      "($a := $b; $a + $sum($states.input.x) + $states.context.y)", Dialect::kAws);
  ASSERT_TRUE(expression);
  ASSERT_EQ((*expression)->free_variables().size(), 2U);
  EXPECT_EQ((*expression)->free_variables()[0], "b");
  EXPECT_EQ((*expression)->free_variables()[1], "states");
  EXPECT_TRUE((*expression)->reads_states_member("input"));
  EXPECT_TRUE((*expression)->reads_states_member("context"));
  EXPECT_FALSE((*expression)->reads_states_member("result"));
  EXPECT_TRUE((*Expression::compile("$states", Dialect::kAws))->reads_states_member("result"));
  EXPECT_EQ((*Expression::compile("a.b", Dialect::kAws))->top_level_names()[0], "a");
  EXPECT_EQ((*Expression::compile("$$.a", Dialect::kAws))->free_variables()[0], "$");
  EXPECT_EQ((*Expression::compile("$", Dialect::kAws))->free_variables()[0], "");
  EXPECT_TRUE(
      (*Expression::compile("$states.input[a = $.b].c", Dialect::kAws))->top_level_names().empty());
}

TEST(Expression, SyntaxErrors_HavePlaceAndSentence) {
  const auto expression = Expression::compile("$states.input.", Dialect::kAws);
  ASSERT_FALSE(expression);
  EXPECT_EQ(expression.error().code, "S0207");
  EXPECT_EQ(expression.error().message, "Unexpected end of expression");
  EXPECT_EQ(expression.error().position, 14U);
}

}  // namespace
}  // namespace weft::jsonata
