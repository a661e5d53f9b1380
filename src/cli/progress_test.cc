#include "cli/progress.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

running::MapRunProgress some_progress() {
  return {.number = 1,
          .state_name = "Each picture",
          .items = {.pending = 380, .running = 4, .succeeded = 610, .failed = 6, .total = 1000}};
}

TEST(RateMeter, LooksAtTheLastSecondsOnly) {
  RateMeter meter;
  EXPECT_EQ(meter.per_second(), 0);
  meter.add(0, 0);
  meter.add(1'000, 100);
  EXPECT_DOUBLE_EQ(meter.per_second(), 100);
  meter.add(20'000, 100);
  meter.add(21'000, 110);
  EXPECT_DOUBLE_EQ(meter.per_second(), 10);
}

TEST(ProgressLine, FillsTheTerminalButNeverMore) {
  for (int width : {20, 40, 60, 80, 100, 160}) {
    terminal::Terminal terminal;
    terminal.width = width;
    const std::string line = progress_line(some_progress(), 38.4, terminal);
    EXPECT_LT(terminal::display_width(line), static_cast<size_t>(width)) << line;
    EXPECT_NE(line.find("Each"), std::string::npos);
  }
  terminal::Terminal wide;
  wide.width = 120;
  EXPECT_EQ(progress_line(some_progress(), 38.4, wide),
            "  Each picture  ████████████████████████▋░░░░░░░░░░░░░░░  616 of 1,000   4 running   "
            "6 failed   38/s   11 s left");
}

TEST(PlainProgress, IsASentence) {
  running::MapRunProgress run = some_progress();
  EXPECT_EQ(plain_progress(run, 38.4),
            "Each picture: 616 of 1,000, 4 running, 6 failed, 38/s, 11 s left");
  run.reading = true;
  EXPECT_EQ(plain_progress(run, 0), "Each picture: 616 of 1,000+, 4 running, 6 failed");
  run.items = {};
  EXPECT_EQ(plain_progress(run, 0),
            "Each picture: opening its source of items, 0 running, 0 failed");
}

}  // namespace
}  // namespace weft::cli
