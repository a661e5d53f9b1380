#include "net/url.h"

#include <gtest/gtest.h>

#include "net/http.h"

namespace weft::net {
namespace {

TEST(Url, PercentDecode_RoundTripsAllBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(bytes)), bytes);
  EXPECT_EQ(percent_encode("a/b c", "/"), "a/b%20c");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  for (const char* bad : {"%", "%1", "%zz", "a%2"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Url, Query_ParsesFlagsAndEncodedValues) {
  Query query = Query::parse("list-type=2&prefix=a%2Fb+c&uploads&x=%zz&");
  EXPECT_EQ(query.find("list-type"), "2");
  EXPECT_EQ(query.find("prefix"), "a/b c");
  EXPECT_TRUE(query.has("uploads"));
  EXPECT_EQ(query.find("x"), "%zz");
  EXPECT_FALSE(query.has("b"));
  EXPECT_TRUE(Query::parse("").parameters.empty());
}

TEST(Headers, Names_IgnoreCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
  headers.set("Content-type", "c");
  ASSERT_EQ(headers.fields.size(), 1u);
  EXPECT_EQ(headers.get("content-type"), "c");
  EXPECT_EQ(headers.get("none"), "");
}

}  // namespace
}  // namespace weft::net
