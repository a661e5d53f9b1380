// Bombs end within the bounds of limits.h, with an error that names the bound.
#include "jsonpath/limits.h"

#include <string>

#include <gtest/gtest.h>

#include "json/build.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/path.h"
#include "jsonpath/template.h"

namespace weft::jsonpath {
namespace {

class NoScope : public Scope {
 public:
  json::Value context() override { return json::Value::null(); }
  json::Value variable(std::string_view) override { return {}; }
  uint64_t random_bits() override { return 0; }
};

// An array in an array ..., `levels` deep.
json::Value nested(int levels, json::Arena& arena) {
  json::Value value = json::Value::integer(1);
  for (int i = 0; i < levels; ++i) {
    json::ArrayBuilder array(arena);
    array.push(value);
    value = array.finish();
  }
  return value;
}

json::Value numbers(size_t count, json::Arena& arena) {
  json::ArrayBuilder array(arena);
  for (size_t i = 0; i < count; ++i) array.push(json::Value::integer(static_cast<int64_t>(i)));
  return array.finish();
}

std::string repeated(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

// What evaluating `text` says, or "" when it succeeds.
std::string failure_of(std::string_view text, const json::Value& document, json::Arena& arena) {
  const auto path = Path::compile(text);
  if (!path) return path.error().message;
  const auto value = evaluate(*path, document, arena);
  return value ? "" : value.error().message;
}

TEST(Limits, ScansInsideOfScans_EndAtTheNodes) {
  json::Arena arena;
  const json::Value document = nested(190, arena);
  const std::string text = "$" + repeated("..[*]", 12) + "..x";
  EXPECT_NE(failure_of(text, document, arena).find("kNodesMax"), std::string::npos);
}

TEST(Limits, HitsOfAWideScan_EndAtTheHits) {
  json::Arena arena;
  const json::Value row = numbers(3'000, arena);
  json::ArrayBuilder table(arena);
  for (int i = 0; i < 3'000; ++i) table.push(row);
  EXPECT_NE(failure_of("$[*][*]", table.finish(), arena).find("kHitsMax"), std::string::npos);
}

TEST(Limits, DocumentsDeeperThanTheWalk_EndAtTheDepth) {
  json::Arena arena;
  const json::Value document = nested(kWalkDepthMax + 10, arena);
  EXPECT_NE(failure_of("$..[0]", document, arena).find("kWalkDepthMax"), std::string::npos);
}

TEST(Limits, AFilterOverAMillionItems_IsAnswered) {
  json::Arena arena;
  const json::Value document = numbers(1'000'000, arena);
  const auto path = Path::compile("$[?(@ >= 999999 || @ == 7)]");
  ASSERT_TRUE(path);
  const auto value = evaluate(*path, document, arena);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->size(), 2U);
}

TEST(Limits, APatternThatBacktracks_EndsAtItsSteps) {
  json::Arena arena;
  json::ArrayBuilder texts(arena);
  const std::string text = std::string(200, 'a') + "b";
  for (int i = 0; i < 100'000; ++i) texts.push(json::Value::string_ref(text));
  const std::string failure = failure_of("$[?(@ =~ /((a|aa)+)+[cd]/)]", texts.finish(), arena);
  EXPECT_NE(failure.find("kMatchStepsMax"), std::string::npos) << failure;
}

TEST(Limits, LongPaths_AreRefused) {
  json::Arena arena;
  EXPECT_NE(
      failure_of("$" + repeated(".a", kStepsMax + 1), numbers(1, arena), arena).find("kStepsMax"),
      std::string::npos);
  EXPECT_NE(failure_of("$." + std::string(kPathBytesMax, 'a'), numbers(1, arena), arena)
                .find("kPathBytesMax"),
            std::string::npos);
}

TEST(Limits, TextsOfFunctions_EndAtTheirBytes) {
  json::Arena arena;
  NoScope scope;
  const std::string big(200'000, 'x');
  const json::Value document = json::Value::string_ref(big);
  const std::string arguments = repeated(", $", 100);
  for (const std::string& text : {"States.Format('" + repeated("{}", 100) + "'" + arguments + ")",
                                  "States.JsonToString(States.Array($" + arguments + "))"}) {
    const auto call = Intrinsic::compile(text);
    ASSERT_TRUE(call) << call.error().message;
    const auto value = call->evaluate(document, scope, arena);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().error, "States.IntrinsicFailure");
    EXPECT_NE(value.error().cause.find("kTextBytesMax"), std::string::npos);
  }
}

TEST(Limits, CallsInsideOfCalls_AreRefusedBeyondTen) {
  const auto nested_call = [](size_t depth) {
    return repeated("States.Array(", depth) + repeated(")", depth);
  };
  EXPECT_TRUE(Intrinsic::compile(nested_call(10)));
  EXPECT_FALSE(Intrinsic::compile(nested_call(11)));
}

TEST(Limits, TemplatesDeeperThanTheBound_AreRefused) {
  json::Arena arena;
  const auto compiled = Template::compile(nested(kTemplateDepthMax + 5, arena));
  ASSERT_FALSE(compiled);
  EXPECT_NE(compiled.error()[0].message.find("kTemplateDepthMax"), std::string::npos);
}

// A million different objects would take a million squared comparisons.
TEST(Limits, UniqueElementsOfALongArray_AreFoundInOneGo) {
  json::Arena arena;
  NoScope scope;
  json::ArrayBuilder objects(arena);
  for (int i = 0; i < 200'000; ++i) {
    json::ObjectBuilder object(arena);
    object.add("id", json::Value::integer(i % 150'000));
    objects.push(object.finish());
  }
  const auto call = Intrinsic::compile("States.ArrayLength(States.ArrayUnique($))");
  ASSERT_TRUE(call);
  const auto value = call->evaluate(objects.finish(), scope, arena);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->as_int(), 150'000);
}

}  // namespace
}  // namespace weft::jsonpath
