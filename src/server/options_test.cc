#include "server/options.h"

#include <gtest/gtest.h>

namespace weft::server {
namespace {

TEST(BucketFlag, NameAndDirectory) {
  const auto flag = parse_bucket_flag("photos=./a=b");
  ASSERT_TRUE(flag);
  EXPECT_EQ(flag->name, "photos");
  EXPECT_EQ(flag->directory, "./a=b");
  for (const char* text : {"photos", "=dir", "photos=", ""})
    EXPECT_FALSE(parse_bucket_flag(text)) << text;
}

TEST(ListenFlag, AddressAndPort) {
  ServeOptions options;
  ASSERT_TRUE(parse_listen_flag("0.0.0.0:80", options));
  EXPECT_EQ(options.address, "0.0.0.0");
  EXPECT_EQ(options.port, 80);
  EXPECT_FALSE(is_loopback(options.address));
  ASSERT_TRUE(parse_listen_flag("[::1]:9338", options));
  EXPECT_EQ(options.address, "::1");
  EXPECT_TRUE(is_loopback(options.address));
  ASSERT_TRUE(parse_listen_flag("8080", options));
  EXPECT_EQ(options.address, "127.0.0.1");
  ASSERT_TRUE(parse_listen_flag("localhost:1", options));
  EXPECT_EQ(options.address, "127.0.0.1");
  for (const char* text : {"", "a:b", ":80", "127.0.0.1:70000", "127.0.0.1:"}) {
    EXPECT_FALSE(parse_listen_flag(text, options)) << text;
  }
}

}  // namespace
}  // namespace weft::server
