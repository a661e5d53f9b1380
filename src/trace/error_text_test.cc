#include "trace/error_text.h"

#include <map>

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

std::map<std::string, std::string> visited(const Span& span) {
  std::map<std::string, std::string> out;
  visit_error(span, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(out.emplace(key, value).second) << key << " twice";
  });
  return out;
}

TEST(ErrorText, FunctionErrors_HaveMessageAndStack) {
  const ErrorText node = error_text(
      R"({"errorType":"TypeError","errorMessage":"no k","trace":["TypeError: no k","    at f"]})");
  EXPECT_EQ(node.message, "no k");
  EXPECT_EQ(node.stack, "TypeError: no k\n    at f");
  const ErrorText python = error_text(
      R"({"errorMessage":"no k","errorType":"KeyError","stackTrace":["  File \"a.py\"\n    x\n","b\n"]})");
  EXPECT_EQ(python.stack, "  File \"a.py\"\n    x\nb");
  const ErrorText go = error_text(
      R"({"errorMessage":"m","errorType":"E","stackTrace":[{"path":"a/m.go","line":12,"label":"f"}]})");
  EXPECT_EQ(go.stack, "f (a/m.go:12)");
}

TEST(ErrorText, OtherCauses_AreTheirMessage) {
  for (const char* cause : {"slow down", "", "{", R"({"a":1})", R"({"errorMessage":5})"}) {
    EXPECT_EQ(error_text(cause).message, cause);
    EXPECT_EQ(error_text(cause).stack, "");
  }
  const char* unnamed = R"({"errorMessage":""})";
  EXPECT_EQ(error_text(R"({"errorMessage":"","errorType":"RuntimeError","stackTrace":[]})").message,
            "(no message)");
  EXPECT_EQ(error_text(unnamed).message, unnamed);
}

TEST(ErrorText, Attributes_KeepTheRawCauseWhereItSaysMore) {
  Span span;
  EXPECT_TRUE(visited(span).empty());
  span.error = "E";
  span.cause = "plain";
  using Attributes = std::map<std::string, std::string>;
  EXPECT_EQ(visited(span), (Attributes{{"error.type", "E"}, {"error.message", "plain"}}));
  span.cause = R"({"errorMessage":"m","trace":["s"]})";
  EXPECT_EQ(visited(span), (Attributes{{"error.type", "E"},
                                       {"error.message", "m"},
                                       {"error.stack", "s"},
                                       {"error.cause", span.cause}}));
  span.kind = SpanKind::kInner;
  EXPECT_EQ(visited(span), (Attributes{{"error.type", "E"}, {"error.message", span.cause}}));
}

}  // namespace
}  // namespace weft::trace
