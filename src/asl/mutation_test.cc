#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "asl/compile.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"

// Damaged definitions: whatever is deleted or replaced, compiling ends with findings that have a
// place, never with a crash.

namespace weft::asl {
namespace {

constexpr std::string_view kDefinitions[] = {
    R"({"QueryLanguage":"JSONata","StartAt":"A","TimeoutSeconds":60,"States":{
      "A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"f","Payload":"{% $states.input %}"},
        "TimeoutSeconds":5,"HeartbeatSeconds":2,"Credentials":{"RoleArn":"r"},
        "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":2,"BackoffRate":2,"MaxDelaySeconds":9,"JitterStrategy":"FULL"}],
        "Catch":[{"ErrorEquals":["States.ALL"],"Next":"E","Output":{"e":"{% $states.errorOutput %}"},"Assign":{"x":1}}],
        "Output":"{% $states.result.Payload %}","Assign":{"y":"{% $states.result %}"},"Next":"B"},
      "B":{"Type":"Choice","Choices":[{"Condition":"{% $y %}","Next":"C","Output":[1,"{% 2 %}"]},{"Condition":true,"Next":"D","Assign":{"z":1}}],"Default":"C"},
      "C":{"Type":"Wait","Seconds":"{% 1 %}","Next":"D"},
      "D":{"Type":"Parallel","Branches":[{"StartAt":"D1","States":{"D1":{"Type":"Pass","Assign":{"i":1},"Output":{"a":[{"b":"{% 1 %}"}]},"End":true}}}],"Arguments":{"q":1},"Next":"S"},
      "S":{"Type":"Succeed","Output":"{% $states.input %}"},
      "E":{"Type":"Fail","Error":"E","Cause":"{% 'c' %}"}}})",
    R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","Label":"L","MaxConcurrency":10,
      "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"N","States":{
        "N":{"Type":"Map","Items":[1,2],"ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},"ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}}},
      "ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{"Bucket":"b","Key":"k"},"ReaderConfig":{"InputType":"JSON","MaxItems":5}},
      "ItemBatcher":{"MaxItemsPerBatch":2,"MaxInputBytesPerBatch":100,"BatchInput":{"a":"{% 1 %}"}},
      "ToleratedFailureCount":1,"ToleratedFailurePercentage":2.5,"End":true}}})",
    R"({"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"x":1},"Next":"W"},
      "W":{"Type":"Wait","Timestamp":"2030-01-01T00:00:00Z","Next":"T"},
      "T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f:live","Parameters":{"a":[1,{"b":null}]},"End":true}}})",
};

size_t count_nodes(const json::Value& value) {
  size_t count = 1;
  for (size_t i = 0; i < value.size(); ++i) {
    count += count_nodes(value.is_array() ? value.item(i) : value.member(i));
  }
  return count;
}

// Copies a tree with one node (numbered in depth-first order) replaced, or left out when `with` is
// undefined.
class Mutation {
 public:
  Mutation(json::Arena& arena, size_t target, json::Value with)
      : arena_(arena), target_(target), with_(with) {}

  json::Value apply(const json::Value& value) {
    if (number_++ == target_) {
      number_ += count_nodes(value) - 1;
      return with_;
    }
    if (value.is_array()) {
      json::ArrayBuilder array(arena_);
      for (size_t i = 0; i < value.size(); ++i) {
        json::Value item = apply(value.item(i));
        if (!item.is_undefined()) array.push(item);
      }
      return array.finish();
    }
    if (value.is_object()) {
      json::ObjectBuilder object(arena_);
      for (size_t i = 0; i < value.size(); ++i) {
        json::Value member = apply(value.member(i));
        if (!member.is_undefined()) object.add(value.key(i), member);
      }
      return object.finish();
    }
    return value;
  }

 private:
  json::Arena& arena_;
  size_t target_;
  json::Value with_;
  size_t number_ = 0;
};

json::Value replacement(size_t kind, json::Arena& arena) {
  constexpr std::string_view kTexts[] = {
      "null",
      "true",
      "-1",
      "0",
      "1.5",
      "1e300",
      "[]",
      "{}",
      "\"\"",
      "\"A\"",
      "[null]",
      "{\"a\":1}",
      "\"{%\"",
      "\"{% %}\"",
      "\"{% $states.result %}\"",
      "\"{% $$ %}\"",
      "[[[]]]",
      "{\"Type\":\"Map\"}",
      "\"\\ud800\"",
      "9007199254740993",
      "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}"};
  if (kind >= std::size(kTexts)) return {};
  auto value = json::parse(kTexts[kind], arena);
  return value ? *value : json::Value();
}

TEST(Mutations, DamagedDefinitions_GiveFindingsNotCrashes) {
  // The default of 100 cases would leave most fields untouched; RC_PARAMS given from outside wins.
  ::setenv("RC_PARAMS", "max_success=2000", 0);
  const bool passed = rc::check("compile never crashes", [] {
    json::Arena arena;
    const size_t which = *rc::gen::inRange<size_t>(0, std::size(kDefinitions));
    auto parsed = json::parse(kDefinitions[which], arena);
    RC_ASSERT(parsed.has_value());
    json::Value tree = *parsed;
    const int damages = *rc::gen::inRange(1, 4);
    for (int i = 0; i < damages; ++i) {
      const size_t target = *rc::gen::inRange<size_t>(0, count_nodes(tree));
      const size_t kind = *rc::gen::inRange<size_t>(0, 24);
      tree = Mutation(arena, target, replacement(kind, arena)).apply(tree);
    }
    const std::string text = json::to_text(tree);
    CompileResult result = compile(base::Text(text), {.express = *rc::gen::arbitrary<bool>()});
    RC_ASSERT(result.program || !result.diagnostics.empty());
    for (const Diagnostic& diagnostic : result.diagnostics) {
      RC_ASSERT(!diagnostic.code.empty());
      RC_ASSERT(!diagnostic.message.empty());
      RC_ASSERT(diagnostic.column <= text.size() + 1);
    }
    if (result.program) {
      variable_references(*result.program);
    }
  });
  EXPECT_TRUE(passed);
}

TEST(Mutations, DefinitionsBeforeDamage_AreValid) {
  for (std::string_view text : kDefinitions) {
    CompileResult result = compile(base::Text(text));
    for (const Diagnostic& diagnostic : result.diagnostics) {
      ADD_FAILURE() << diagnostic.code << ": " << diagnostic.message << " at "
                    << diagnostic.location;
    }
  }
}

TEST(Mutations, CutTexts_GiveOneFinding) {
  for (std::string_view text : kDefinitions) {
    for (size_t size = 0; size < text.size(); size += 7) {
      CompileResult result = compile(base::Text(text.substr(0, size)));
      ASSERT_EQ(result.diagnostics.size(), 1U) << size;
      ASSERT_FALSE(result.program);
    }
  }
}

}  // namespace
}  // namespace weft::asl
