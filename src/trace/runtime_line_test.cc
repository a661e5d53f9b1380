#include "trace/runtime_line.h"

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

TEST(RuntimeLine, OfNodeAndOfPython_IsTakenApart) {
  for (const char* text : {"2025-01-31T08:00:00.123Z\tr-1\tWARN\ta\tb\nc",
                           "[WARN]\t2025-01-31T08:00:00.123Z\tr-1\ta\tb\nc"}) {
    const auto line = parse_runtime_line(text);
    ASSERT_TRUE(line) << text;
    EXPECT_EQ(line->level, LogLevel::kWarn);
    EXPECT_EQ(line->level_name, "WARN");
    EXPECT_EQ(line->request_id, "r-1");
    EXPECT_EQ(line->message, "a\tb\nc");
  }
  const auto empty = parse_runtime_line("[INFO]\t2025-01-31T08:00:00.123Z\t\t");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->request_id, "");
  EXPECT_EQ(empty->message, "");
}

TEST(RuntimeLine, OtherTexts_AreNone) {
  for (const char* text :
       {"", "\t\t\t", "2025-01-31T08:00:00.123Z\tr-1\tWARN", "2025-01-31T08:00:00Z\tr-1\tWARN\tx",
        "2025-01-31T08:00:00.123Z\tr-1\tLOUD\tx", "[WARN] 2025-01-31T08:00:00.123Z\tr-1\tx\ty",
        "WARN\t2025-01-31T08:00:00.123Z\tr-1\tx", "[WARN]\tyesterday\tr-1\tx",
        "[]\t2025-01-31T08:00:00.123Z\tr-1\tx"}) {
    EXPECT_FALSE(parse_runtime_line(text)) << text;
  }
}

}  // namespace
}  // namespace weft::trace
