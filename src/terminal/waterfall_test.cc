#include "terminal/waterfall.h"

#include <sstream>

#include <gtest/gtest.h>

#include "terminal/bar.h"
#include "terminal/text.h"
#include "trace/project.h"
#include "trace/redriven_histories.h"
#include "trace/test_histories.h"

namespace weft::terminal {
namespace {

namespace testing = trace::testing;
using trace::DetailChoice;
using trace::ExecutionTrace;
using trace::Placement;
using trace::Span;
using trace::TraceSource;

std::string render(const TraceSource& source, const WaterfallOptions& options = {}) {
  auto text = render_waterfall(source, options);
  EXPECT_TRUE(text);
  return text.value_or("");
}

TEST(Waterfall, RedrivenExecution_IsOneHeaderAndARowForEach) {
  const std::string text = render(testing::redriven());
  EXPECT_NE(text.find("redriven  ✓ SUCCEEDED in 1.10 s"), std::string::npos) << text;
  EXPECT_NE(text.find("✗ r-1"), std::string::npos) << text;
  EXPECT_NE(text.find("✓ redrive 1 · r-1"), std::string::npos) << text;
}

TEST(Waterfall, RedrivenChild_HasARowForEachRedrive) {
  TraceSource source = testing::fan_out(1);
  source.child = [](const trace::MapRunTrace&, uint64_t) -> base::Result<ExecutionTrace> {
    return testing::redriven().parent;
  };
  const std::string text = render(source);
  const size_t first = text.find("✗ Call");
  const size_t redrive = text.find("✓ redrive 1 · #0");
  const size_t again = text.find("✓ Call");
  ASSERT_NE(again, std::string::npos) << text;
  EXPECT_LT(first, redrive) << text;
  EXPECT_LT(redrive, again) << text;
}

TEST(Waterfall, NestedExecution_GoesByItsStateMachine) {
  const TraceSource source = testing::nesting();
  const std::string text = render(source, {.width = 120});
  EXPECT_NE(text.find(" mixed · "), std::string::npos) << text;
}

TEST(TerminalText, DangerousCharacters_AreShownNotObeyed) {
  EXPECT_EQ(printable("a\x1b[31m\n\t\x7f"), "a\\x1b[31m\\n\\t\\x7f");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "\\x9b2J");  // C1 control sequence introducer
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "abc"),
            "\\u202eabc");  // right-to-left override
  EXPECT_EQ(printable("\xFF"
                      "a\xC3"),
            "\xEF\xBF\xBD"
            "a\xEF\xBF\xBD");
  EXPECT_EQ(printable("Grüße 日本"), "Grüße 日本");
}

TEST(TerminalText, Fit_CountsColumnsNotBytes) {
  EXPECT_EQ(fit("Grüße", 7), "Grüße  ");
  EXPECT_EQ(fit("日本語", 5), "日本…");
  EXPECT_EQ(fit("日本語", 4), "日… ");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab…");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(123), "123");
}

TEST(Waterfall, HttpTask_ShowsItsCallAndWhatTheServiceSentBelowIt) {
  testing::HistoryBuilder events(testing::kStart);
  events.add(history::EventType::kExecutionStarted, 0);
  events.add(history::EventType::kTaskStateEntered, 0, "Order");
  history::Event& scheduled = events.add(history::EventType::kTaskScheduled, 0);
  scheduled.resource_type = "http";
  scheduled.resource = "invoke";
  scheduled.text = base::Text(R"({"ApiEndpoint":"http://h:1/orders?k=v","Method":"POST"})");
  history::Event& failed =
      events.fail(history::EventType::kTaskFailed, 400, "States.Http.StatusCode.503", "Busy");
  failed.resource_type = "http";
  events.fail(history::EventType::kExecutionFailed, 400, "States.Http.StatusCode.503", "Busy");
  TraceSource source;
  source.parent.name = "one";
  source.parent.arn = "arn:aws:states:us-east-1:000000000000:execution:m:one";
  source.parent.status = history::ExecutionStatus::kFailed;
  source.parent.start_ms = testing::kStart;
  source.parent.stop_ms = testing::kStart + 400;
  source.parent.events = events.take();
  const std::vector<Span> spans = project_execution(source.parent, {});
  ASSERT_EQ(spans.size(), 2u);
  source.parent.inner = {{.trace = spans[1].trace,
                          .span_id = 7,
                          .parent_id = spans[1].span_id,
                          .attempt = spans[1].span_id,
                          .name = "handle",
                          .start_ns = testing::kStart * 1'000'000,
                          .duration_ns = 1'000'000}};
  const std::string text = render(source);
  EXPECT_NE(text.find("\n  ✗ Order · POST /orders "), std::string::npos) << text;
  EXPECT_NE(text.find("\n    States.Http.StatusCode.503: Busy\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n    ✓ handle "), std::string::npos) << text;
}

// Its row says microseconds, its events milliseconds.
TEST(Waterfall, NoStateIsLongerThanItsChild) {
  TraceSource source = testing::fan_out(1);
  const trace::MapRunTrace run = source.map_runs[0];
  source.child = [run](const trace::MapRunTrace&, uint64_t index) {
    return base::Result<ExecutionTrace>(testing::child_of(run, run.rows.at(index)));
  };
  const std::string longer = render(source);
  source.map_runs[0].rows[0].duration_us = 1'000;
  const std::string text = render(source);
  const auto line_of = [](const std::string& all) {
    const size_t at = all.find(" #0");
    return all.substr(at, all.find('\n', at) - at);
  };
  ASSERT_FALSE(line_of(text).empty());
  EXPECT_FALSE(line_of(text).ends_with("1.0 ms")) << text;
  EXPECT_EQ(line_of(text).substr(line_of(text).rfind("  ")),
            line_of(longer).substr(line_of(longer).rfind("  ")));
}

TEST(Waterfall, PayloadsInAPipeAreNoWalls) {
  TraceSource source = testing::fan_out(1);
  source.parent.events.front().text = base::Text("{\"list\":\"" + std::string(1'500, 'x') + "\"}");
  const auto payloads = trace::Redactor::create({});
  ASSERT_TRUE(payloads);
  const std::string text =
      render(source, {.whole_text = true, .where = " --data d", .payloads = &*payloads});
  EXPECT_NE(text.find("xx… (all of it: weft describe demo-1 --json --data d)\n"), std::string::npos)
      << text;
}

TEST(Waterfall, LostDetail_IsSaid) {
  TraceSource source = testing::fan_out(200);
  EXPECT_EQ(render(source).find("detail kept"), std::string::npos);
  source.note = "The spans of this child's functions were not kept.";
  source.map_runs[0].detail =
      DetailChoice{.budget = 2,
                   .total = 200,
                   .kept = 2,
                   .children = {{17, "error_group", 1}, {40, "random", 199}}};
  const std::string text = render(source);
  EXPECT_NE(text.find("detail kept for 2 of 200 children: 1 error, 1 drawn\n"), std::string::npos);
  EXPECT_NE(text.find("the spans of its functions were not kept\n"), std::string::npos);
  EXPECT_NE(text.find(source.note + "\n"), std::string::npos);
}

TEST(Bar, Strip_IsAsHighAsItsShare) {
  EXPECT_EQ(draw_strip(std::vector<double>{0, 1, 4, 8}), " ▁▄█");
  EXPECT_EQ(draw_strip(std::vector<double>{0, 0}), "  ");
}

TEST(Bar, Axis_LabelsRoundTimes) {
  EXPECT_EQ(axis({.start_us = 5, .length_us = 4'000'000, .cells = 40}),
            "0 s       1 s       2 s       3 s       ");
  EXPECT_EQ(axis({.start_us = 0, .length_us = 1'500'000, .cells = 30}),
            "0 s       0.5 s     1.0 s     ");
  EXPECT_EQ(axis({.start_us = 0, .length_us = 90'000, .cells = 20}), "0 ms       50 ms    ");
}

TEST(Bar, PiecesShorterThanACell_StillShow) {
  Painter painter(false);
  std::vector<Piece> pieces = {{Stretch::kState, 0, 1}, {Stretch::kRun, 500, 1'000}};
  draw_bar({.start_us = 0, .length_us = 1'000, .cells = 10}, pieces, painter);
  EXPECT_EQ(painter.take(), "▏    █████");
  pieces = {{Stretch::kQueue, 0, 250}, {Stretch::kRun, 250, 740}};
  draw_bar({.start_us = 0, .length_us = 1'000, .cells = 10}, pieces, painter);
  EXPECT_EQ(painter.take(), "░░░████▍  ");
}

TEST(Waterfall, FanOut_IsOneGroupWithItsNumbers) {
  std::string text = render(testing::fan_out(10'000, 64));
  EXPECT_NE(text.find("process-images  ✓ SUCCEEDED in "), std::string::npos);
  EXPECT_NE(text.find("▣ 10,000 children"), std::string::npos);
  EXPECT_NE(text.find("✗ 34 failed"), std::string::npos);
  EXPECT_NE(text.find("9,966 succeeded · 34 failed · 64 cold starts · 64 at once"),
            std::string::npos);
  EXPECT_NE(text.find("p50 "), std::string::npos);
  EXPECT_NE(text.find("Slowest children"), std::string::npos);
  EXPECT_NE(text.find("✗ 34 × #17 ImageDecodeError"), std::string::npos);
  EXPECT_NE(text.find("ImageDecodeError: cannot decode 'pictures/17.png': not a PNG file"),
            std::string::npos);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 60);
}

TEST(Waterfall, Lines_StayWithinTheWidth) {
  for (size_t width : {60u, 80u, 100u, 200u}) {
    for (const TraceSource& source : {testing::fan_out(300), testing::mixed()}) {
      std::istringstream lines(render(source, {.width = width}));
      for (std::string line; std::getline(lines, line);) {
        bool command = line.starts_with("one child: ");  // to be copied: never cut
        EXPECT_TRUE(command || display_width(line) <= width) << line;
      }
    }
  }
}

TEST(Waterfall, Mixed_ShowsAttemptsWaitsAndTheInnermostError) {
  std::string text = render(testing::mixed());
  EXPECT_NE(text.find("✗ Flaky call · Task, caught"), std::string::npos) << text;
  EXPECT_NE(text.find("┈┈┈"), std::string::npos);
  EXPECT_NE(text.find("✗ attempt 1 · watermark"), std::string::npos);
  EXPECT_NE(text.find("Throttled: slow down"), std::string::npos);
  EXPECT_NE(text.find("⊘ Each[1]"), std::string::npos);
}

TEST(Waterfall, NamesWithControlCharacters_CannotTouchTheTerminal) {
  TraceSource source = testing::fan_out(2);
  source.parent.machine = "m\x1b]0;title\x07";
  source.parent.events[1].name = "state\x1b[2J\nsecond line";
  std::string text = render(source);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("state\\x1b[2J\\nsecond"), std::string::npos) << text;
}

TEST(Waterfall, RunningExecution_SaysWhatIsLeft) {
  TraceSource source = testing::fan_out(3);
  source.parent.events.resize(6);
  source.parent.status = history::ExecutionStatus::kRunning;
  source.map_runs[0].status = history::ExecutionStatus::kRunning;
  source.map_runs[0].running = 4;
  source.map_runs[0].pending = 1'000;
  std::string text = render(source);
  EXPECT_NE(text.find("● RUNNING for "), std::string::npos);
  EXPECT_NE(text.find("▣ 1,007 children"), std::string::npos);
  EXPECT_NE(text.find("3 succeeded · 4 running · 1,000 pending"), std::string::npos);
}

TEST(Waterfall, Color_IsOffUnlessAsked) {
  EXPECT_EQ(render(testing::fan_out(30)).find('\x1b'), std::string::npos);
  EXPECT_NE(render(testing::fan_out(30), {.color = true}).find("\x1b[32m"), std::string::npos);
}

}  // namespace
}  // namespace weft::terminal
