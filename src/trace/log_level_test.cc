#include "trace/log_level.h"

#include <vector>

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

TEST(LogLevel, IsWhatTheLineSays) {
  const auto level = [](std::string text, std::string severity = "") {
    return level_of({.severity = std::move(severity), .text = std::move(text)});
  };
  EXPECT_EQ(level("ERROR in the text", "INFO"), LogLevel::kInfo);
  EXPECT_EQ(level("", "ERROR3"), LogLevel::kError);
  EXPECT_EQ(level("", "Warning"), LogLevel::kWarn);
  EXPECT_EQ(level("ERROR", "strange"), LogLevel::kUnknown);
  // Node's and Python's runtimes, and log libraries.
  EXPECT_EQ(level("2025-01-31T08:00:00.000Z\t1b2c\tERROR\tno picture"), LogLevel::kError);
  EXPECT_EQ(level("[WARNING]\t2025-01-31T08:00:00.000Z\t1b2c\tslow"), LogLevel::kWarn);
  EXPECT_EQ(level("CRITICAL:root:gone"), LogLevel::kFatal);
  EXPECT_EQ(level("2025-01-31T08:00:00.000Z\tERROR-1\tINFO\tERROR"), LogLevel::kInfo);
  EXPECT_EQ(level(R"({"time":1,"level" : "error","msg":"m"})"), LogLevel::kError);
  EXPECT_EQ(level(R"({"log.level":"debug","levelname":4})"), LogLevel::kDebug);
  EXPECT_EQ(level(R"({"msg":"ERROR"})"), LogLevel::kUnknown);
  EXPECT_EQ(level(R"({"errorType":"Error","errorMessage":"no","trace":[]})"), LogLevel::kError);
  // What Lambda writes of a call that it ended.
  EXPECT_EQ(level("2026-01-31T08:00:00.000Z 1b2c Task timed out after 3.00 seconds"),
            LogLevel::kError);
  EXPECT_EQ(level("RequestId: 1b2c Error: Runtime exited with error: exit status 1"),
            LogLevel::kError);
  EXPECT_EQ(level("an error, but only in words"), LogLevel::kUnknown);
  EXPECT_EQ(level("MIRROR and ERRORS"), LogLevel::kUnknown);
  EXPECT_EQ(level("INFORMATION ok"), LogLevel::kUnknown);
  EXPECT_EQ(level(R"({"level":"Information"})"), LogLevel::kInfo);
  // Python's, of a number without a name.
  EXPECT_EQ(level("[Level 35]\t2025-01-31T08:00:00.000Z\t1b2c\tslow"), LogLevel::kWarn);
  EXPECT_EQ(level(R"({"level":"Level 5","message":"m"})"), LogLevel::kTrace);
  EXPECT_EQ(level(R"({"level":"Level 999","message":"m"})"), LogLevel::kFatal);
  EXPECT_EQ(level(""), LogLevel::kUnknown);
  EXPECT_EQ(level(std::string(200, '.') + " ERROR"), LogLevel::kUnknown);
}

TEST(LogLevel, OfAStackTrace_IsThatOfItsFirstLine) {
  const std::vector<std::pair<LogLine, LogLevel>> lines = {
      {{.request_id = "a", .text = "ERROR Error: broken"}, LogLevel::kError},
      {{.request_id = "a", .text = "    at work (index.mjs:1)"}, LogLevel::kError},
      {{.request_id = "a", .text = "Traceback (most recent call last):"}, LogLevel::kError},
      {{.request_id = "b", .text = "  another call"}, LogLevel::kUnknown},
      {{.request_id = "a", .text = "hello"}, LogLevel::kUnknown},
      {{.request_id = "a", .text = "\tworld"}, LogLevel::kUnknown},
  };
  LogLevels levels;
  for (const auto& [line, level] : lines) EXPECT_EQ(levels.next(line), level) << line.text;
}

}  // namespace
}  // namespace weft::trace
