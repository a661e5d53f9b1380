#include "trace/log_line.h"

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

TEST(LogLines, StoredAndReadBack) {
  const std::vector<LogLine> lines = {
      {.time_ns = 1'700'000'000'000'000'001,
       .source = LogLine::Source::kOtlp,
       .attempt = 7,
       .span_id = 8,
       .request_id = "r-1",
       .severity = "WARN",
       .logger = "orders",
       .text = "late",
       .attributes = {{"a", ""}, {"b", "2"}}},
      {.time_ns = 5, .source = LogLine::Source::kStderr, .request_id = "r-1", .not_kept = 12},
      {},
  };
  std::vector<LogLine> read;
  ASSERT_TRUE(decode_log_lines(encode_log_lines(lines), read));
  EXPECT_EQ(read, lines);
}

TEST(LogLines, DamagedBytes_AreAnError) {
  const std::string whole = encode_log_lines({{.time_ns = 1, .text = "hello"}});
  std::vector<LogLine> read;
  auto decoded = decode_log_lines(whole.substr(0, whole.size() - 1), read);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, base::ErrorCode::kStorage);
}

}  // namespace
}  // namespace weft::trace
