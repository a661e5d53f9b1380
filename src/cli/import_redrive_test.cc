#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "cli/import_fixture.h"
#include "trace/redriven_histories.h"

// AWS's logs tell of redrives there. Which event the first one after a redrive names as the one
// before it is not documented: both that make sense are understood.

namespace weft::cli {
namespace {

using history::EventType;

// The lines of one execution; AWS counts redrives on each.
void append_lines(LogEvent line, const std::vector<Event>& events,
                  std::vector<std::string>& lines) {
  for (const Event& event : events) {
    if (event.type == EventType::kExecutionRedriven) ++line.redrive_count;
    line.event = event;
    cloudwatch::append_log_line(line, {.weft_member = false}, lines.emplace_back());
  }
}

TEST(ImportRedrive, Lines_GiveASpanForEachRedrive) {
  trace::TraceSource source = trace::testing::redriven();
  std::string otlp;
  ASSERT_TRUE(trace::export_otlp(source, {}, [&](std::string_view piece) { otlp += piece; }));
  for (const bool after_failure : {false, true}) {
    SCOPED_TRACE(after_failure);
    std::vector<Event> events = source.parent.events;
    const auto redriven = std::ranges::find(events, EventType::kExecutionRedriven, &Event::type);
    if (after_failure) std::next(redriven)->previous_id = redriven->id - 2;  // TaskFailed
    std::vector<std::string> lines;
    append_lines({.execution_arn = source.parent.arn}, events, lines);
    std::ranges::shuffle(lines, std::mt19937(7));
    const auto imported = store::open_memory();
    for (size_t from = 0; from < lines.size(); from += 5) {
      import_lines(*imported,
                   {lines.begin() + static_cast<ptrdiff_t>(from),
                    lines.begin() + static_cast<ptrdiff_t>(std::min(lines.size(), from + 5))});
    }
    const reading::Query query(*imported, {});
    const auto read = reading::read_trace_source(query, source.parent.arn, 0);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->parent.status, history::ExecutionStatus::kSucceeded);
    std::string text;
    ASSERT_TRUE(trace::export_otlp(*read, {}, [&](std::string_view piece) { text += piece; }));
    EXPECT_EQ(text, otlp);
  }
}

// A Map Run goes on with the children that failed: in place, under the ARNs they had.
TEST(ImportRedrive, ChildOfARedrivenMapRun_HasASpanForEachRedrive) {
  const trace::TraceSource child = trace::testing::redriven();
  const std::string prefix = "arn:aws:states:us-east-1:000000000000:";
  const std::string arn = prefix + "execution:m:e";
  const std::string run = prefix + "mapRun:m/Each:run-1";
  trace::testing::HistoryBuilder history(trace::testing::kStart);
  history.add(EventType::kExecutionStarted, 0);
  history.add(EventType::kMapStateEntered, 0, "Each");
  history.add(EventType::kMapStateStarted, 0);
  history.add(EventType::kMapRunStarted, 0, run);
  history.fail(EventType::kMapRunFailed, 60, "Broken", "");
  history.fail(EventType::kExecutionFailed, 60, "Broken", "");
  history.add(EventType::kExecutionRedriven, 900).number = 1;
  history.add(EventType::kMapRunRedriven, 900, run).number = 1;
  history.add(EventType::kMapRunSucceeded, 1'200);
  history.add(EventType::kMapStateSucceeded, 1'200);
  history.add(EventType::kMapStateExited, 1'200, "Each");
  history.add(EventType::kExecutionSucceeded, 1'200);
  std::vector<std::string> lines;
  append_lines({.execution_arn = arn}, history.take(), lines);
  append_lines({.execution_arn = prefix + "execution:m/Each:c", .map_run_arn = run},
               child.parent.events, lines);
  const auto imported = store::open_memory();
  import_lines(*imported, lines);

  const reading::Query query(*imported, {});
  // The row is of the last run, as those of children that were redriven here.
  const auto record = query.map_runs(*query.find_execution(arn));
  ASSERT_TRUE(record);
  ASSERT_EQ(record->size(), 1u);
  EXPECT_EQ(record->front().redrive_count, 1u);
  std::vector<history::ChildRow> rows;
  ASSERT_TRUE(query.rows(record->front().number, [&](const history::ChildRow& row) {
    rows.push_back(row);
    return true;
  }));
  ASSERT_EQ(rows.size(), 1u);
  const history::ChildRow* row = &rows.front();
  EXPECT_EQ(row->start_ms, trace::testing::kStart + 1'000);
  EXPECT_EQ(row->duration_us, 101'000);
  EXPECT_EQ(row->redrives, 1u);
  EXPECT_EQ(row->status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(row->error_group, 0u);
  EXPECT_EQ(query.execution(arn)->redrive_count, 1u);
  const auto source = reading::read_trace_source(query, arn, 0);
  ASSERT_TRUE(source) << source.error().message;
  std::vector<trace::Span> children;
  std::vector<trace::Span> runs;
  ASSERT_TRUE(trace::for_each_span(*source, {}, [&](const trace::PlacedSpan& placed) {
    if (placed.span.kind == trace::SpanKind::kChild) children.push_back(placed.span);
    if (placed.span.kind == trace::SpanKind::kMapRun) runs.push_back(placed.span);
  }));
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].number("map.succeeded"), 1);
  EXPECT_TRUE(runs[1].numbers.empty());
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0].status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(children[0].duration_us, 50'000);
  EXPECT_EQ(children[1].status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(children[1].attribute("redrive_count"), "1");
  for (const trace::Span& span : children) {
    EXPECT_EQ(span.parent_id, runs[0].span_id);
    EXPECT_EQ(span.attribute("item_index"), "0");
    EXPECT_EQ(span.attribute("root_execution_arn"), arn);
  }
}

}  // namespace
}  // namespace weft::cli
