#include "trace/redact.h"

#include <fstream>

#include <gtest/gtest.h>

#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "trace/project.h"

// The cases of tests/trace/redaction.jsonl: rules (`keys`, `paths`, `secrets`, `bytesMax`), a
// `payload` (or its text), and what is shown (or its text).

namespace weft::trace {
namespace {

using json::Value;

std::vector<std::string> strings(Value list) {
  std::vector<std::string> out;
  for (size_t i = 0; i < list.size(); ++i) out.emplace_back(list.item(i).as_string());
  return out;
}

std::string text_of(Value test, const std::string& name) {
  const Value text = test.find(name + "Text");
  return text.is_string() ? std::string(text.as_string()) : json::to_text(test.find(name));
}

TEST(Redactor, Cases_ShowWhatTheyMay) {
  std::ifstream file(std::string(WEFT_SOURCE_DIR) + "/tests/trace/redaction.jsonl");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    json::Arena arena;
    const auto test = json::parse(line, arena);
    ASSERT_TRUE(test) << line;
    SCOPED_TRACE(std::string(test->find("name").as_string()));
    RedactionRules rules{.keys = strings(test->find("keys")),
                         .paths = strings(test->find("paths"))};
    if (const Value secrets = test->find("secrets"); secrets.is_bool()) {
      rules.secrets = secrets.as_bool();
    }
    if (const Value bytes = test->find("bytesMax"); bytes.is_number()) {
      rules.bytes_max = static_cast<size_t>(bytes.as_int());
    }
    const auto redactor = Redactor::create(rules);
    ASSERT_TRUE(redactor) << redactor.error().message;
    EXPECT_EQ(redactor->apply(text_of(*test, "payload")), text_of(*test, "expected"));
  }
  EXPECT_GE(cases, 14);
}

TEST(Redactor, WrongPaths_AreNamed) {
  for (const char* path : {"a.b", "$", "$.", "$.a[", "$.a[x]", "$['a", "$a"}) {
    const auto redactor = Redactor::create({.paths = {path}});
    ASSERT_FALSE(redactor) << path;
    EXPECT_TRUE(redactor.error().message.starts_with(std::string("path ") + path + ": cannot be"));
  }
}

TEST(Redactor, AttributesOfInnerSpans_AreHiddenByName) {
  ExecutionTrace execution{.arn = "arn"};
  execution.events.push_back({.type = history::EventType::kExecutionStarted, .id = 1});
  InnerSpan& inner = execution.inner.emplace_back();
  inner.span_id = 7;
  inner.attributes = {{"http.request.headers.authorization", "a"}, {"http.url", "u"}};
  inner.events = {{.name = "login password=b", .attributes = {{"api.key", "c"}, {"n", "1"}}}};
  inner.links = {{.span_id = 9, .attributes = {{"session.token", "d"}}}};
  const Redactor redactor;
  const std::vector<Span> shown = project_execution(execution, {.payloads = &redactor});
  EXPECT_EQ(shown.back().attribute("http.request.headers.authorization"), kRedacted);
  EXPECT_EQ(shown.back().attribute("http.url"), "u");
  ASSERT_EQ(shown.back().events.size(), 1u);
  EXPECT_EQ(shown.back().events[0].name, "login password=[redacted]");
  EXPECT_EQ(shown.back().events[0].attributes,
            (Attributes{{"api.key", std::string(kRedacted)}, {"n", "1"}}));
  ASSERT_EQ(shown.back().links.size(), 1u);
  EXPECT_EQ(shown.back().links[0].attributes[0].second, kRedacted);
  EXPECT_EQ(project_execution(execution, {}).back().attribute("http.request.headers.authorization"),
            "a");
}

}  // namespace
}  // namespace weft::trace
