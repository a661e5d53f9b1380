// What Step Functions' own dialect gives, as measured there: tests/jsonata/aws_cases.jsonl, one
// case a line: `expr` and what it comes to, a `result`, `undefined` or an `error`.
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "jsonata/expression.h"

namespace weft::jsonata {
namespace {

std::string outcome_of(std::string_view text, json::Arena& arena) {
  const auto expression = Expression::compile(text, Dialect::kAws);
  if (!expression) return expression.error().code + ": " + expression.error().message;
  const auto states = json::parse(R"({"input":{}})", arena);
  const Binding bindings[] = {{"states", *states}};
  const auto value = evaluate(**expression, json::Value(), bindings, arena, Environment());
  if (!value) return value.error().code + ": " + value.error().message;
  return value->is_undefined() ? "undefined" : json::to_text(*value);
}

TEST(AwsCases, Expressions_ComeToWhatStepFunctionsGives) {
  std::ifstream in(WEFT_SOURCE_DIR "/tests/jsonata/aws_cases.jsonl");
  ASSERT_TRUE(in);
  int total = 0;
  for (std::string line; std::getline(in, line); ++total) {
    json::Arena arena;
    const auto test = json::parse(line, arena);
    ASSERT_TRUE(test) << line;
    const json::Value result = test->find("result");
    const std::string expected = !result.is_undefined() ? json::to_text(result)
                                 : test->find("undefined").as_bool()
                                     ? "undefined"
                                     : std::string(test->find("error").as_string());
    const std::string_view expression = test->find("expr").as_string();
    EXPECT_EQ(outcome_of(expression, arena), expected) << expression;
  }
  EXPECT_GT(total, 50);
}

}  // namespace
}  // namespace weft::jsonata
