#include "history/rows.h"

#include <gtest/gtest.h>

#include "history/codec.h"

namespace weft::history {
namespace {

TEST(Rows, EveryColumn_RoundTripsInSixtyFourBytes) {
  ChildRow row{.index = 1ull << 40,
               .start_ms = 1'733'341'084'118,
               .duration_us = 5'000'000'000,
               .lane = 9'999,
               .status = ExecutionStatus::kTimedOut,
               .retries = 65'535,
               .error_group = 0xDEADBEEF,
               .cold_start_us = 1,
               .queue_us = 2,
               .run_us = 3,
               .items = 4,
               .input_bytes = 5,
               .output_bytes = 6,
               .turns = 7,
               .path = 0xABCDEF};
  std::string bytes;
  encode_row(row, bytes);
  encode_row(ChildRow{}, bytes);
  ASSERT_EQ(bytes.size(), 2 * kRowBytes);
  EXPECT_EQ(static_cast<uint8_t>(bytes[5]), 1);  // little-endian index
  auto rows = decode_rows(bytes);
  ASSERT_TRUE(rows);
  EXPECT_EQ(*rows, (std::vector<ChildRow>{row, ChildRow{}}));
}

TEST(Rows, WrongSizeOrStatus_IsAnError) {
  EXPECT_FALSE(decode_rows(std::string(63, '\0')));
  std::string bytes(64, '\0');
  bytes[28] = 7;
  auto rows = decode_rows(bytes);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().message, "stored rows are damaged: child 0 has status 7");
}

TEST(Rows, StatusNames_ParseBack) {
  for (int i = 0; i <= 5; ++i) {
    auto status = static_cast<ExecutionStatus>(i);
    ExecutionStatus parsed{};
    ASSERT_TRUE(parse_status(to_string(status), parsed));
    EXPECT_EQ(parsed, status);
  }
  ExecutionStatus parsed{};
  EXPECT_FALSE(parse_status("Succeeded", parsed));
}

TEST(ErrorFingerprint, NumbersIdsAndQuotedValues_DoNotSplitAGroup) {
  EXPECT_EQ(error_fingerprint("E", "cannot read 'a/1.png' after 12 ms (request 7f-3b)"),
            error_fingerprint("E", "cannot read 'b/2.png' after 9 ms (request 01-aa)"));
  EXPECT_NE(error_fingerprint("E", "cannot read 'a'"), error_fingerprint("E", "cannot write 'a'"));
  EXPECT_NE(error_fingerprint("E", "x"), error_fingerprint("F", "x"));
  EXPECT_NE(error_fingerprint("", ""), 0u);
  const auto alike = [](std::string_view a, std::string_view b) {
    return error_fingerprint("E", a) == error_fingerprint("E", b);
  };
  EXPECT_TRUE(
      alike("cannot open /var/data/a/b.jpg: no such file", "cannot open /srv/x: no such file"));
  EXPECT_TRUE(alike("checksum of us/batch-a/f.txt is wrong", "checksum of eu/g.txt is wrong"));
  EXPECT_TRUE(alike("no route to db.example.com:5432", "no route to cache.internal:80"));
  EXPECT_TRUE(alike("GET https://a.org/x failed", "GET http://b.org failed"));
  EXPECT_TRUE(alike("C:\\data\\in.csv is empty", "D:\\in.csv is empty"));
  EXPECT_FALSE(alike("java.io.IOException: gone", "java.lang.Error: gone"));
  EXPECT_FALSE(alike("stopped. Again", "stopped. Never"));
}

TEST(ErrorFingerprint, FunctionErrors_AreToldApartByTheirMessage) {
  auto cause = [](std::string_view message, std::string_view trace) {
    return std::string(R"({"errorMessage":")") + std::string(message) +
           R"(","errorType":"Error","trace":[")" + std::string(trace) + "\"]}";
  };
  EXPECT_EQ(error_fingerprint("Error", cause("bad file 12", "at a:1")),
            error_fingerprint("Error", cause("bad file 77", "at b:22")));
  EXPECT_NE(error_fingerprint("Error", cause("bad file", "at a")),
            error_fingerprint("Error", cause("no memory", "at a")));
  EXPECT_NO_FATAL_FAILURE(error_fingerprint("Error", R"({"errorMessage":"cut off\)"));
}

TEST(ErrorFingerprint, IsOfTheMessageThatIsShown) {
  const uint32_t shown = error_fingerprint("E", R"({"errorMessage":"no disk"})");
  for (const char* cause : {
           R"({"errorMessage" : "no disk", "trace": ["a"]})",
           " {\n \"errorMessage\": \"no disk\"}",
           R"({"detail":{"errorMessage":"of another"},"errorMessage":"no disk"})",
           R"({"errorMessage":"no \u0064isk"})",
           "no disk",
       }) {
    EXPECT_EQ(error_fingerprint("E", cause), shown) << cause;
  }
  // No message of its own: what lies deeper is not it.
  EXPECT_NE(error_fingerprint("E", R"({"detail":{"errorMessage":"no disk"}})"), shown);
}

TEST(ErrorFingerprint, FailuresOfNestedExecutions_AreToldApartByWhatFailedThere) {
  const auto nested = [](std::string_view failure, std::string_view name) {
    return "{" + std::string(failure) + R"(,"ExecutionArn":"arn:aws:states:r:1:execution:m:)" +
           std::string(name) + R"(","Status":"FAILED"})";
  };
  const auto group = [&](std::string_view failure, std::string_view name = "n") {
    return error_fingerprint("States.TaskFailed", nested(failure, name));
  };
  EXPECT_EQ(group(R"("Cause":"item 1","Error":"A")", "x-1"),
            group(R"("Cause":"item 2","Error":"A")", "x-2"));
  EXPECT_NE(group(R"("Cause":"same","Error":"A")"), group(R"("Cause":"same","Error":"B")"));
  EXPECT_NE(group(R"("Cause":"no disk","Error":"A")"), group(R"("Cause":"no memory","Error":"A")"));
  EXPECT_NE(group(R"("Error":"A")"), group(R"("Error":"B")"));
  // A function's failure two levels down.
  const auto deep = [&](std::string_view message) {
    return group(R"("Cause":"{\"Cause\":\"{\\\"errorMessage\\\":\\\")" + std::string(message) +
                 R"(\\\"}\",\"Error\":\"E\",\"ExecutionArn\":\"a\"}","Error":"States.TaskFailed")");
  };
  EXPECT_EQ(deep("bad file 1"), deep("bad file 2"));
  EXPECT_NE(deep("bad file 1"), deep("no memory"));
}

}  // namespace
}  // namespace weft::history
