#include "base/time.h"

#include <gtest/gtest.h>

namespace weft::base {
namespace {

TEST(Time, IsoRoundTrip) {
  for (const char* text : {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2026-11-22T14:16:00.001Z"}) {
    const auto parsed = parse_iso(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(format_iso_ms(*parsed), text);
  }
}

TEST(Time, IsoAcceptsOffsetsAndLongFractions) {
  EXPECT_EQ(parse_iso("2024-01-01T02:00:00+02:00"), parse_iso("2024-01-01T00:00:00Z"));
  EXPECT_EQ(parse_iso("2024-01-01T00:00:00.123456789Z"), parse_iso("2024-01-01T00:00:00.123Z"));
}

TEST(Time, IsoRefusesWhatIsNotADateTime) {
  for (const char* text : {"", "2024-01-01", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z",
                           "2023-02-29T00:00:00Z", "2024-01-01T25:00:00Z", "2024-01-01T00:00:00Zx", "2024-01-01t00:00:00z"}) {
    EXPECT_FALSE(parse_iso(text).has_value()) << text;
  }
}

TEST(Time, HttpDate) { EXPECT_EQ(format_http_date(784'887'151'000), "Tue, 15 Nov 1994 08:12:31 GMT"); }

TEST(Time, DurationsReadWell) {
  EXPECT_EQ(format_duration_us(850), "850 us");
  EXPECT_EQ(format_duration_us(12'340), "12.3 ms");
  EXPECT_EQ(format_duration_us(4'560'000), "4.56 s");
  EXPECT_EQ(format_duration_us(187'000'000), "3 m 07 s");
}

}  // namespace
}  // namespace weft::base
