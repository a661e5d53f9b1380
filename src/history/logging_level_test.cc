#include "history/logging_level.h"

#include <gtest/gtest.h>

namespace weft::history {
namespace {

TEST(LoggingLevel, Names_GoBothWays) {
  for (const LoggingLevel level :
       {LoggingLevel::kOff, LoggingLevel::kFatal, LoggingLevel::kError, LoggingLevel::kAll}) {
    EXPECT_EQ(parse_logging_level(to_string(level)), level);
  }
  EXPECT_FALSE(parse_logging_level("WARN"));
  EXPECT_FALSE(parse_logging_level(""));
}

// AWS's table, row by row as far as the levels differ.
TEST(LoggingLevel, Events_AreThoseOfAwsTable) {
  struct Row {
    EventType type;
    bool error;
    bool fatal;
  };
  constexpr Row kRows[] = {
      {EventType::kExecutionStarted, false, false},
      {EventType::kExecutionSucceeded, false, false},
      {EventType::kExecutionFailed, true, true},
      {EventType::kExecutionAborted, true, true},
      {EventType::kExecutionTimedOut, true, true},
      {EventType::kPassStateEntered, false, false},
      {EventType::kFailStateEntered, true, false},
      {EventType::kTaskScheduled, false, false},
      {EventType::kTaskStartFailed, true, false},
      {EventType::kTaskSubmitFailed, true, false},
      {EventType::kTaskFailed, true, false},
      {EventType::kTaskTimedOut, true, false},
      {EventType::kTaskSucceeded, false, false},
      {EventType::kTaskStateExited, false, false},
      {EventType::kTaskStateAborted, true, false},
      {EventType::kLambdaFunctionFailed, true, false},
      {EventType::kMapIterationFailed, true, false},
      {EventType::kMapIterationAborted, true, false},
      {EventType::kParallelStateFailed, true, false},
      {EventType::kMapRunFailed, true, false},
      {EventType::kMapRunStarted, false, false},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(to_string(row.type));
    EXPECT_TRUE(is_logged(row.type, LoggingLevel::kAll));
    EXPECT_EQ(is_logged(row.type, LoggingLevel::kError), row.error);
    EXPECT_EQ(is_logged(row.type, LoggingLevel::kFatal), row.fatal);
    EXPECT_FALSE(is_logged(row.type, LoggingLevel::kOff));
  }
  EXPECT_FALSE(is_logged(EventType::kWeftRetryScheduled, LoggingLevel::kAll));
}

}  // namespace
}  // namespace weft::history
