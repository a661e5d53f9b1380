#include "columns/filter.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columns/synthetic.h"
#include "json/parse.h"

namespace weft::columns {
namespace {

using history::ExecutionStatus;

Filter parsed(std::string_view text) {
  auto filter = parse_filter(text);
  EXPECT_TRUE(filter) << (filter ? "" : filter.error().message);
  if (!filter) return {};
  // However they are written, they mean the same.
  for (Condition& one : *filter) one.written.clear();
  return *filter;
}

TEST(Filter, EachField_ChoosesWhatAScanChooses) {
  const Columns c = synthetic_columns(5'000, 1);
  const std::map<std::string, std::function<bool(uint32_t)>> cases = {
      {"status:failed,timed_out", [&](uint32_t r) { return c.failed(r); }},
      {"err:4711,3", [&](uint32_t r) { return c.error_group[r] == 4711 || c.error_group[r] == 3; }},
      {"dur:>1500ms", [&](uint32_t r) { return c.duration[r] > 1'500'000; }},
      {"dur:>=1.5s", [&](uint32_t r) { return c.duration[r] >= 1'500'000; }},
      {"dur:100ms..1s",
       [&](uint32_t r) { return c.duration[r] >= 100'000 && c.duration[r] <= 1'000'000; }},
      {"dur:100.5ms..", [&](uint32_t r) { return c.duration[r] >= 100'500; }},
      {"end:0..2000000", [&](uint32_t r) { return c.end(r) <= 2'000'000; }},
      {"start:<=1s", [&](uint32_t r) { return c.start[r] <= 1'000'000; }},
      {"retry:>0", [&](uint32_t r) { return c.retries[r] > 0; }},
      {"retry:0", [&](uint32_t r) { return c.retries[r] == 0; }},
      {"cold:yes", [&](uint32_t r) { return c.cold[r] > 0; }},
      {"cold:no", [&](uint32_t r) { return c.cold[r] == 0; }},
      {"queue:<10ms", [&](uint32_t r) { return c.queue[r] < 10'000; }},
      {"batch:>1", [&](uint32_t r) { return c.items[r] > 1; }},
      {"size:>1000", [&](uint32_t r) { return c.input_bytes[r] > 1'000; }},
      {"lane:0..99", [&](uint32_t r) { return c.lane[r] <= 99; }},
      {"index:17", [&](uint32_t r) { return c.index[r] == 17; }},
      {"key:part-7/", [&](uint32_t r) { return c.folder.text(r) == "part-7/"; }},
      {"key:part-1", [&](uint32_t r) { return c.folder.text(r) == "part-1/"; }},
      {"status:failed retry:0\ndur:>1s",
       [&](uint32_t r) {
         return c.status[r] == ExecutionStatus::kFailed && c.retries[r] == 0 &&
                c.duration[r] > 1'000'000;
       }},
  };
  for (const auto& [text, holds] : cases) {
    Rows expected;
    for (uint32_t row = 0; row < c.size(); ++row) {
      if (holds(row)) expected.push_back(row);
    }
    EXPECT_FALSE(expected.empty()) << text;
    EXPECT_EQ(select(c, parsed(text)), expected) << text;
  }
}

TEST(Filter, Mistakes_AreNamedWithTheirPlace) {
  const std::map<std::string, std::string> cases = {
      {"dur:>abc", "filter \"dur:>abc\", column 6: expected a duration such as 1500ms, 2s or 5m"},
      {"retry:>0\n\n status:bad",
       "line 3: filter \"status:bad\", column 8: expected succeeded, failed"},
      {"colour:red", "filter \"colour:red\", column 1: expected one of status:"},
      {"dur", "column 1: expected one of"},
      {"lane:1..x", "column 9: expected a number"},
      {"lane:12x", "column 8: expected the end of the condition"},
      {"err:12,x", "column 8: expected the number or the name of an error"},
      {"input.:x", "column 1: expected one of"},
      {"input.a:", "column 9: expected a value"},
      {"input.a:>x", "column 10: expected a number"},
      {"key:", "column 5: expected what the key begins with"},
      {"size:-1", "column 6: expected a number"},
      {"status:failed,", "column 15: expected succeeded"},
      {"status:running", "only children that have ended are chosen among"},
      {"input.a:\"x", "column 11: expected a closing quote"},
      {"input.a:\"x\"y", "column 12: expected the end of the condition"},
  };
  for (const auto& [text, message] : cases) {
    const auto filter = parse_filter(text);
    ASSERT_FALSE(filter) << text;
    EXPECT_THAT(filter.error().message, testing::HasSubstr(message));
    EXPECT_EQ(filter.error().message.starts_with("line "), message.starts_with("line "));
  }
}

TEST(Filter, Properties_CompareTextsAndNumbers) {
  Columns c = synthetic_columns(6, 1);
  TextColumn& column = c.properties["input.region"];
  for (const char* value : {"eu-west", "eu-east", "us", "7", "12", ""}) {
    column.number.push_back(column.values.number(value));
  }
  const std::map<std::string, Rows> cases = {
      {"input.region:us", {2}}, {"input.region:eu-*", {0, 1}},  {"input.region:7", {3}},
      {"input.region:>7", {4}}, {"input.region:1..12", {3, 4}}, {"input.other:us", {}}};
  for (const auto& [text, rows] : cases) EXPECT_EQ(select(c, parsed(text)), rows) << text;
}

TEST(Filter, QuotedValues_AreTakenAsTheyAre) {
  Columns c = synthetic_columns(5, 1);
  TextColumn& column = c.properties["input.name"];
  for (const char* value : {"O'Neil & Sons", R"(a "b" \c)", "1..2", "eu*", "new\nline\tn"}) {
    column.number.push_back(column.values.number(value));
  }
  for (uint32_t row = 0; row < c.size(); ++row) {
    const std::string text =
        "status:succeeded,failed,timed_out input.name:" + quoted_value(column.text(row)) +
        " retry:>=0";
    EXPECT_EQ(select(c, parsed(text)), Rows{row}) << text;
  }
  EXPECT_EQ(quoted_value("plain/one"), "plain/one");
  EXPECT_EQ(quoted_value("a\nb"), R"("a\nb")");
  EXPECT_EQ(select(c, parsed("input.name:*")).size(), 5u) << "any value";
}

TEST(Filter, RowsWithSeveralValues_AreFoundByEach) {
  Columns c = synthetic_columns(3, 1);
  TextColumn& column = c.properties["function"];
  const uint32_t enrich = column.values.number("enrich");
  const uint32_t price = column.values.number("price");
  column.number = {enrich, enrich, price};
  column.further = {price};
  column.further_end = {0, 1, 1};
  EXPECT_EQ(select(c, parsed("function:enrich")), (Rows{0, 1}));
  EXPECT_EQ(select(c, parsed("function:price")), (Rows{1, 2}));
  // A function is one function, however it is named.
  for (const char* name : {"price:live", "price:$LATEST", "000000000000:function:price",
                           "arn:aws:lambda:us-east-1:000000000000:function:price:7"}) {
    EXPECT_EQ(select(c, parsed(std::string("function:") + name)), (Rows{1, 2})) << name;
  }
  EXPECT_EQ(select(c, parsed("function:pri*")), (Rows{1, 2}));
  c.further_key_hash = {hash_of_key("2026/x")};
  c.further_key_end = {1, 1, 1};
  c.folder.further = {c.folder.values.number("2026/")};
  c.folder.further_end = {1, 1, 1};
  EXPECT_EQ(select(c, parsed("key:2026/x")), Rows{0});
  EXPECT_EQ(select(c, parsed("key:2026")), Rows{0});
  EXPECT_TRUE(chooses_key(parsed("key:2026"), "2026/x"));
  EXPECT_FALSE(chooses_key(parsed("key:202"), "2026/x"));
}

TEST(Filter, Error_HasTheNameOfItsGroupsToo) {
  EXPECT_EQ(parsed("error:BadTotal"), parsed("err:BadTotal"));
}

TEST(Filter, Status_TakesBothCases) {
  EXPECT_EQ(parsed("status:FAILED,Timed_Out"), parsed("status:failed,timed_out"));
}

TEST(Filter, WholeKey_ChoosesItsChild) {
  const Columns c = synthetic_columns(200, 1);
  const Rows chosen = select(c, parsed("key:" + std::string(c.folder.text(17)) + "17"));
  EXPECT_EQ(chosen, Rows{17});
}

TEST(Filter, OfKeysNobodyKnows_ChoosesNothing) {
  Columns c = synthetic_columns(10, 1);
  c.folder.number.clear();
  EXPECT_TRUE(select(c, parsed("key:part-1")).empty());
  EXPECT_EQ(select(c, {}).size(), 10u);
}

// The page reads the same language: its tests run the same cases (ui/src/model/filter.test.ts).
TEST(Filter, ReadsTheLanguageThatThePageWrites) {
  std::ifstream file(WEFT_SOURCE_DIR "/tests/ui/filters.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  json::Arena arena;
  const auto cases = json::parse(text, arena);
  ASSERT_TRUE(cases);
  ASSERT_GT(cases->size(), 30u);
  for (size_t i = 0; i < cases->size(); ++i) {
    const json::Value one = cases->item(i);
    const std::string condition(one.find("text").as_string());
    const auto parsed = parse_condition(condition);
    EXPECT_EQ(parsed.has_value(), one.find("error").is_undefined()) << condition;
    if (!parsed || !one.find("values").is_undefined()) continue;
    if (parsed->field == Field::kKey) {
      EXPECT_EQ(parsed->text, one.find("key").as_string()) << condition;
      continue;
    }
    EXPECT_EQ(parsed->from, one.find("from").as_int()) << condition;
    const json::Value to = one.find("to");
    EXPECT_EQ(parsed->to, to.is_undefined() ? INT64_MAX : to.as_int()) << condition;
  }
}

}  // namespace
}  // namespace weft::columns
