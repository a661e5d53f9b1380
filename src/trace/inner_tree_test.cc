#include "trace/inner_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::trace {
namespace {

using ::testing::ElementsAre;

Span span(SpanKind kind, uint64_t id, uint16_t depth, std::string name) {
  Span span;
  span.trace = {1, 2};
  span.kind = kind;
  span.span_id = id;
  span.depth = depth;
  span.name = std::move(name);
  return span;
}

InnerSpan inner(uint64_t id, uint64_t parent, uint64_t attempt, std::string name) {
  InnerSpan span;
  span.span_id = id;
  span.parent_id = parent;
  span.attempt = attempt;
  span.name = std::move(name);
  span.start_ns = static_cast<int64_t>(id) * 1'000;
  return span;
}

// An execution whose one task (id 10) called a function.
std::vector<Span> task() {
  return {span(SpanKind::kChild, 1, 0, "child"), span(SpanKind::kState, 10, 1, "Task"),
          span(SpanKind::kLambda, 11, 2, "f")};
}

std::vector<std::string> lines(const std::vector<Span>& spans) {
  std::vector<std::string> lines;
  for (const Span& span : spans) {
    lines.push_back(std::string(span.depth, ' ') + span.name + "<" +
                    std::to_string(span.parent_id));
  }
  return lines;
}

TEST(InnerTree, Spans_HangBelowTheCallWhateverTheirOrder) {
  std::vector<Span> spans = task();
  attach_inner_spans({inner(102, 101, 10, "s3"), inner(101, 100, 10, "work"),
                      inner(100, 10, 10, "aws.lambda"), inner(100, 10, 10, "aws.lambda")},
                     spans);
  EXPECT_THAT(lines(spans), ElementsAre("child<0", " Task<0", "  f<0", "   aws.lambda<11",
                                        "    work<100", "     s3<101"));
  EXPECT_EQ(spans.back().trace, (TraceId{1, 2}));
}

TEST(InnerTree, UnknownParents_FallBackToTheAttemptThenToTheExecution) {
  std::vector<Span> spans = task();
  attach_inner_spans({inner(100, 999, 10, "lost"), inner(101, 998, 0, "orphan")}, spans);
  EXPECT_THAT(lines(spans), ElementsAre("child<0", " Task<0", "  f<0", "   lost<11", " orphan<1"));
  EXPECT_EQ(spans.back().attribute("weft.orphan"), "true");
}

TEST(InnerTree, Circles_EndBelowTheExecution) {
  std::vector<Span> spans = task();
  attach_inner_spans({inner(100, 101, 10, "a"), inner(101, 100, 10, "b"), inner(102, 102, 10, "c")},
                     spans);
  EXPECT_THAT(lines(spans),
              ElementsAre("child<0", " Task<0", "  f<0", "   c<11", " a<1", "  b<100"));
}

TEST(InnerSpans, StoredAndReadBack) {
  InnerSpan one = inner(1, 2, 3, "aws.request");
  one.trace = {4, 5};
  one.service = "s";
  one.resource = "getObject b";
  one.type = "web";
  one.duration_ns = 7;
  one.error = true;
  one.error_type = "E";
  one.error_message = "m";
  one.error_stack = "at x";
  one.request_id = "r";
  one.attributes = {{"k", "v"}, {"empty", ""}};
  one.events = {{.time_ns = 8, .name = "n", .attributes = {{"k", "v"}, {"empty", ""}}}, {}};
  one.links = {{.trace = {6, 7}, .span_id = 8, .attributes = {{"k", "v"}}}, {.span_id = 9}};
  std::vector<InnerSpan> read;
  ASSERT_TRUE(decode_inner_spans(encode_inner_spans({one, inner(9, 0, 0, "")}), read));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0], one);
  EXPECT_FALSE(decode_inner_spans("\x0A\xFF", read));
  EXPECT_FALSE(decode_inner_spans("\x0A\x05\x9A\x01\x02\x12\xFF", read)) << "an event";
}

}  // namespace
}  // namespace weft::trace
