#include "cloudwatch/csv.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace weft::cloudwatch {
namespace {

// Rows as "LINE:[FIELDS]".
std::string rows_of(std::string_view text) {
  CsvRows rows(text);
  std::vector<std::string> fields;
  std::string out;
  while (rows.next(fields)) out += fmt::format("{}:[{}]", rows.line(), fmt::join(fields, "|"));
  return out;
}

TEST(CsvRows, Fields_AreSplitAtCommas) {
  EXPECT_EQ(rows_of("a,b\nc,,d\n"), "1:[a|b]2:[c||d]");
  EXPECT_EQ(rows_of("a,b\r\nc,\"d\"\r\n"), "1:[a|b]2:[c|d]");
  EXPECT_EQ(rows_of("a"), "1:[a]");
  EXPECT_EQ(rows_of("a,"), "1:[a|]");
  EXPECT_EQ(rows_of("\n"), "1:[]");
  EXPECT_EQ(rows_of(""), "");
}

TEST(CsvRows, QuotedFields_HoldAnything) {
  EXPECT_EQ(rows_of("\"a,b\",\"c\"\"d\"\n\"e\nf\",g\nh"), "1:[a,b|c\"d]2:[e\nf|g]4:[h]");
}

TEST(CsvRows, WhatIsDamaged_EndsSomewhere) {
  EXPECT_EQ(rows_of("\"a,b\nc"), "1:[a,b\nc]");
  EXPECT_EQ(rows_of("\"a\"b,c\n"), "1:[ab|c]");
  EXPECT_EQ(rows_of("a\"b,\""), "1:[a\"b|]");
}

}  // namespace
}  // namespace weft::cloudwatch
