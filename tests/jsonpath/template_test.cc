// Payload templates, intrinsic functions and reference paths as data: templates.jsonl and
// result_paths.jsonl.
#include "jsonpath/template.h"

#include <charconv>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "json/exact.h"
#include "json/parse.h"
#include "json/write.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/reference_path.h"
#include "jsonpath/state_path.h"

namespace weft::jsonpath {
namespace {

// What a case offers: its members `context`, `variables` and `random`.
class CaseScope : public Scope {
 public:
  explicit CaseScope(const json::Value& test_case) : case_(test_case) {}
  json::Value context() override { return case_.find("context"); }
  json::Value variable(std::string_view name) override {
    return case_.find("variables").find(name);
  }
  uint64_t random_bits() override {
    const json::Value bits = case_.find("random").item(drawn_++);
    if (bits.is_number()) return static_cast<uint64_t>(bits.as_int());
    uint64_t number = 0;
    const std::string_view text = bits.as_string().substr(2);
    std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return number;
  }

 private:
  json::Value case_;
  size_t drawn_ = 0;
};

// Calls `check` with each case of a file beside this one.
template <typename Check>
void for_each_case(const std::string& name, size_t least, Check check) {
  std::ifstream cases(std::string(WEFT_SOURCE_DIR) + "/tests/jsonpath/" + name);
  size_t count = 0;
  for (std::string line; std::getline(cases, line); ++count) {
    json::Arena arena;
    const auto test_case = json::parse_exact(line, arena);
    ASSERT_TRUE(test_case) << line;
    SCOPED_TRACE(test_case->find("id").as_string());
    check(*test_case, arena);
  }
  EXPECT_GE(count, least);
}

json::Value parsed(const json::Value& text, json::Arena& arena) {
  const auto value = json::parse_exact(text.as_string(), arena);
  EXPECT_TRUE(value) << text.as_string();
  return value ? *value : json::Value();
}

void check_problems(const json::Value& wanted, const std::vector<TemplateProblem>& problems) {
  ASSERT_EQ(problems.size(), wanted.size());
  for (size_t i = 0; i < problems.size(); ++i) {
    std::string shown;
    for (const std::string& name : problems[i].place) shown += (shown.empty() ? "" : "/") + name;
    EXPECT_EQ(shown + ": " + problems[i].message, wanted.item(i).as_string());
  }
}

void check_outcome(const json::Value& test_case, const std::expected<json::Value, Fault>& outcome) {
  const json::Value error = test_case.find("error");
  if (!outcome) {
    EXPECT_EQ(outcome.error().error, error.as_string()) << outcome.error().cause;
    const json::Value cause = test_case.find("cause");
    if (cause.is_string()) {
      EXPECT_EQ(outcome.error().cause, cause.as_string());
    }
    return;
  }
  EXPECT_TRUE(error.is_undefined());
  EXPECT_EQ(json::to_exact_text(*outcome), test_case.find("result").as_string());
}

TEST(Template, EachCase_GivesItsResultErrorOrProblems) {
  for_each_case("templates.jsonl", 50, [](const json::Value& test_case, json::Arena& arena) {
    const auto compiled = Template::compile(test_case.find("template"));
    const json::Value problems = test_case.find("problems");
    if (!compiled) return check_problems(problems, compiled.error());
    ASSERT_TRUE(problems.is_undefined());
    const json::Value document = parsed(test_case.find("document"), arena);
    CaseScope scope(test_case);
    check_outcome(test_case, compiled->evaluate(document, scope, arena));
  });
}

TEST(ReferencePath, EachCase_GivesItsResultOrError) {
  for_each_case("result_paths.jsonl", 20, [](const json::Value& test_case, json::Arena& arena) {
    const auto path = ReferencePath::compile(test_case.find("path").as_string());
    ASSERT_EQ(path.has_value(), test_case.find("refused").is_undefined());
    if (!path) return;
    const json::Value document = parsed(test_case.find("document"), arena);
    const json::Value value = parsed(test_case.find("value"), arena);
    const std::string before = json::to_exact_text(document);
    check_outcome(test_case, path->insert(document, value, arena));
    EXPECT_EQ(json::to_exact_text(document), before);
  });
}

TEST(Template, WhatItReads_IsKnownBeforeItRuns) {
  json::Arena arena;
  const auto json = json::parse(
      R"json({"a.$":"$x","b":[{"c.$":"States.Array($y.z, $x, States.Array($$.State))"}]})json",
      arena);
  ASSERT_TRUE(json);
  const auto compiled = Template::compile(*json);
  ASSERT_TRUE(compiled);
  EXPECT_FALSE(compiled->is_literal());
  EXPECT_TRUE(compiled->reads_context());
  ASSERT_EQ(compiled->variables().size(), 2U);
  EXPECT_EQ(compiled->variables()[0], "x");
  EXPECT_EQ(compiled->variables()[1], "y");
}

TEST(StatePath, Roots_AreTakenApart) {
  const auto document = StatePath::compile("$.a[0]['b']");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root(), StatePath::Root::kDocument);
  EXPECT_TRUE(document->is_reference_path());
  const auto context = StatePath::compile("$$.Map.Item.Value");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->root(), StatePath::Root::kContext);
  EXPECT_EQ(context->library_text(), "$.Map.Item.Value");
  const auto variable = StatePath::compile("$größe_1[*]");
  ASSERT_TRUE(variable);
  EXPECT_EQ(variable->variable(), "größe_1");
  EXPECT_FALSE(variable->is_definite());
  EXPECT_FALSE(variable->is_reference_path());
  for (const char* text : {"", "a", "@.a", "$1", "$a-b", "$.", "$$$", "$ .a"})
    EXPECT_FALSE(StatePath::compile(text)) << text;
}

TEST(StatePath, Failures_AreWordedAsAwsDoes) {
  json::Arena arena;
  const auto test_case = json::parse(R"({"context":{"a":1}})", arena);
  CaseScope scope(*test_case);
  const auto cause = [&](std::string_view text) {
    const auto path = StatePath::compile(text);
    const auto value = path->evaluate(*json::parse(R"({"list":[1,2]})", arena), scope, arena);
    return value ? "" : invalid_path_cause(*path, value.error());
  };
  EXPECT_EQ(cause("$.None"), "Invalid path '$.None' : No results for path: $['None']");
  EXPECT_EQ(cause("$.a.b"), "Invalid path '$.a.b' : Missing property in path $['a']");
  EXPECT_EQ(cause("$.list.length()"),
            "Invalid path '$.list.length()' : Property ['length()'] not found in path $['list']");
  EXPECT_EQ(cause("$['a', 'b'].v"),
            "Invalid path '$['a', 'b'].v' : Multi properties can only be used as path leafs: "
            "$['a', 'b']");
  EXPECT_EQ(cause("$$.b"), "Invalid path '$.b' : No results for path: $['b']");
}

}  // namespace
}  // namespace weft::jsonpath
