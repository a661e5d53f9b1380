#include "integrations/s3/parquet_items.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::s3 {
namespace {

TEST(WithoutBareNames, QuotesWhatIsNoJson) {
  EXPECT_EQ(without_bare_names(R"({"a":NaN,"b":[-Infinity,Infinity],"c":-1})"),
            R"({"a":"NaN","b":["-Infinity","Infinity"],"c":-1})");
  EXPECT_EQ(without_bare_names(R"({"NaN":"Infinity \" NaN","x":"\\","y":NaN})"),
            R"({"NaN":"Infinity \" NaN","x":"\\","y":"NaN"})");
  EXPECT_EQ(without_bare_names(R"({"a":1})"), R"({"a":1})");
}

TEST(DuckDbLibrary, ThatIsMissing_SaysHowToGetIt) {
  const auto missing = duckdb::load("/nowhere/libduckdb.so");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, testing::AllOf(testing::HasSubstr("/nowhere/libduckdb.so"),
                                                      testing::HasSubstr("./dev parquet"),
                                                      testing::HasSubstr("--parquet-library")));
  const auto other = duckdb::load("libm.so.6");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, testing::StartsWith("libm.so.6 is not DuckDB's library"));
}

}  // namespace
}  // namespace weft::s3
