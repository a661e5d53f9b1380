#include "api/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/page/files.h"

namespace weft::api {
namespace {

using testing::HasSubstr;

net::Response get(const std::string& path,
                  const std::vector<std::pair<std::string, std::string>>& headers = {}) {
  net::Request request{.method = "GET", .path = path};
  request.headers.fields = headers;
  return page_response(request);
}

// The path of the program that the page begins with, below the prefix.
std::string script() {
  for (const PageFile& file : page_files()) {
    if (!file.path.ends_with(".js") || !file.path.contains("index-")) continue;
    return std::string(kPagePath) + std::string(file.path);
  }
  return "";
}

TEST(Page, EveryAddressIsAnsweredByThePageItself) {
  const net::Response home = get("/_weft/ui/");
  EXPECT_EQ(home.status, 200);
  EXPECT_THAT(home.body, HasSubstr("<div id=\"app\">"));
  EXPECT_EQ(home.headers.get("Cache-Control"), "no-cache");
  EXPECT_THAT(home.headers.get("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(home.headers.get("Content-Security-Policy"), HasSubstr("script-src 'self';"));
  const std::string arn = "arn:aws:states:us-east-1:000000000000:mapRun:m/L:6f6a";
  EXPECT_EQ(get("/_weft/ui/maprun/" + arn).body, home.body);
  EXPECT_EQ(get("/_weft/ui").headers.get("Location"), "/_weft/ui/");
}

TEST(Page, FilesAreNamedAfterTheirContentAndNeverChange) {
  ASSERT_TRUE(script().ends_with(".js")) << script();
  const net::Response file = get(script());
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(file.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  for (const PageFile& other : page_files()) {
    if (!other.path.starts_with("assets/")) continue;
    const net::Response answer = get(std::string(kPagePath) + std::string(other.path));
    EXPECT_EQ(answer.headers.get("Cache-Control"), "public, max-age=31536000, immutable")
        << other.path;
  }
  EXPECT_EQ(get("/_weft/ui/assets/of-another-version.js").status, 404);
}

TEST(Page, IsCompressedAndKnowsWhatTheBrowserHas) {
  const net::Response plain = get(script());
  const net::Response zipped = get(script(), {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(zipped.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(zipped.body.size() * 2, plain.body.size());
  const std::string tag(plain.headers.get("ETag"));
  const net::Response same = get(script(), {{"If-None-Match", tag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
}

TEST(Page, OnlyReads) {
  EXPECT_EQ(page_response({.method = "POST", .path = "/_weft/ui/"}).status, 405);
}

}  // namespace
}  // namespace weft::api
