#include "trace/child_groups.h"

#include <set>

#include <gtest/gtest.h>

#include "trace/test_histories.h"

namespace weft::trace {
namespace {

using history::ChildRow;
using history::ExecutionStatus;

const Placement kPlacement{.trace = {1, 2}, .parent_span = 3, .map_child = true};

std::vector<Span> spans_of(const ChildGroups& groups, const TraceSource& source) {
  auto spans =
      groups.spans("arn:aws:states:r:0:mapRun:m/Each:run", "Each", kPlacement,
                   [&](uint64_t index) { return source.child(source.map_runs[0], index); });
  EXPECT_TRUE(spans);
  return std::move(*spans);
}

TEST(ChildGroups, Totals_AreExactAndTheErrorsNameIsThere) {
  const TraceSource source = testing::fan_out(500);
  ChildGroups groups;
  double sum = 0;
  double failed = 0;
  for (const ChildRow& row : source.map_runs[0].rows) {
    groups.add(row, row.index % 100 == 0);
    sum += static_cast<double>(row.duration_us);
    failed += row.status == ExecutionStatus::kFailed ? 1 : 0;
  }
  ASSERT_GT(failed, 0);
  const std::vector<Span> spans = spans_of(groups, source);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].resource, "Each SUCCEEDED");
  EXPECT_EQ(spans[0].number("weft.group.count"), 500 - failed);
  EXPECT_EQ(spans[0].number("weft.group.errors"), 0);
  EXPECT_EQ(spans[1].resource, "Each ImageDecodeError");
  EXPECT_EQ(spans[1].error, "ImageDecodeError");
  EXPECT_TRUE(spans[1].failed());
  EXPECT_EQ(spans[1].number("weft.group.errors"), failed);
  EXPECT_EQ(spans[0].number("weft.group.kept") + spans[1].number("weft.group.kept"), 5);
  EXPECT_EQ(spans[0].number("weft.group.sum_us") + spans[1].number("weft.group.sum_us"), sum);
  for (const Span& span : spans) {
    EXPECT_EQ(span.parent_id, 3u);
    EXPECT_EQ(span.attribute("statemachinename"), "m");
    EXPECT_EQ(span.attribute("map_label"), "Each");
    EXPECT_EQ(span.duration_us, span.number("weft.group.max_us"));
    EXPECT_LE(span.number("weft.group.p50_us"), span.number("weft.group.p95_us"));
    EXPECT_LE(span.number("weft.group.p99_us"), span.number("weft.group.max_us"));
  }
}

TEST(ChildGroups, AbortedChildren_AreNoErrors) {
  ChildGroups groups;
  groups.add({.duration_us = 1, .status = ExecutionStatus::kAborted}, true);
  groups.add({.duration_us = 1, .status = ExecutionStatus::kTimedOut}, true);
  for (const Span& span : spans_of(groups, testing::fan_out(1)))
    EXPECT_EQ(span.number("weft.group.errors"), span.failed() ? 1 : 0) << span.resource;
}

TEST(ChildGroups, Crowds_CountTheSmallestAsOne) {
  ChildGroups groups;
  for (uint32_t path = 0; path < 3 * ChildGroups::kSpansMax; ++path) {
    for (int i = 0; i < (path == 7 ? 5 : 1); ++i)
      groups.add({.duration_us = 10, .path = path}, true);
  }
  const std::vector<Span> spans = spans_of(groups, testing::fan_out(1));
  ASSERT_EQ(spans.size(), ChildGroups::kSpansMax);
  EXPECT_EQ(spans.front().attribute("weft.path"), "000007");
  EXPECT_EQ(spans.back().resource, "Each others");
  double children = 0;
  std::set<uint64_t> ids;
  for (const Span& span : spans) {
    children += span.number("weft.group.count");
    ids.insert(span.span_id);
  }
  EXPECT_EQ(children, 3 * ChildGroups::kSpansMax + 4);
  EXPECT_EQ(ids.size(), spans.size());
}

}  // namespace
}  // namespace weft::trace
