#include "integrations/http/destinations.h"

#include <gtest/gtest.h>

namespace weft::http {
namespace {

bool may(const Destinations& destinations, const char* address, const char* host = "h") {
  return destinations.may_connect(host, *net::IpAddress::parse(address));
}

TEST(Destinations, Default_IsAllButLinkLocal) {
  const auto destinations = Destinations::create({}, {}, false);
  ASSERT_TRUE(destinations.has_value());
  for (const char* address : {"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "8.8.8.8", "fd00::1"})
    EXPECT_TRUE(may(*destinations, address)) << address;
  for (const char* address :
       {"169.254.169.254", "169.254.0.1", "fe80::1", "febf::1", "fd00:ec2::254",
        "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1",
        "::169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::23", "fd20:ce::254",
        "fd00:c1::a9fe:a9fe", "192.0.0.192", "fd00:42::42", "fd00:a9fe:a9fe::1",
        "fd00:100::100:200"})
    EXPECT_FALSE(may(*destinations, address)) << address;
}

TEST(Destinations, ReachedByOthers_DeniesWhatOnlyThisMachineReaches) {
  const auto destinations = Destinations::create({"10.1.0.0/16"}, {}, true);
  ASSERT_TRUE(destinations.has_value());
  for (const char* address :
       {"127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "10.2.0.1", "172.20.0.1", "192.168.1.1",
        "100.64.0.1", "fd12::1", "::ffff:127.0.0.1", "169.254.169.254", "fec0::1", "feff::1",
        "198.18.0.1", "198.19.255.1", "240.0.0.1", "255.255.255.255"})
    EXPECT_FALSE(may(*destinations, address)) << address;
  for (const char* address : {"8.8.8.8", "2001:db8::1", "10.1.2.3"})
    EXPECT_TRUE(may(*destinations, address)) << address;
}

TEST(Destinations, Allow_WinsOverDeny) {
  const auto destinations =
      Destinations::create({"api.example.com", "169.254.1.1"}, {"all"}, false);
  ASSERT_TRUE(destinations.has_value());
  EXPECT_TRUE(may(*destinations, "8.8.8.8", "API.example.com"));
  EXPECT_TRUE(may(*destinations, "169.254.1.1"));
  EXPECT_FALSE(may(*destinations, "169.254.1.2"));
  EXPECT_FALSE(may(*destinations, "8.8.8.8", "other.example.com"));
  EXPECT_FALSE(may(*destinations, "::1"));
}

TEST(Destinations, Create_RefusesOtherText) {
  for (const char* entry : {"", "10.0.0.0/40", "http://h", "a b"}) {
    EXPECT_FALSE(Destinations::create({entry}, {}, false).has_value()) << entry;
    const auto denying = Destinations::create({}, {entry}, false);
    ASSERT_FALSE(denying.has_value()) << entry;
    EXPECT_TRUE(denying.error().message.starts_with("--http-deny: '")) << denying.error().message;
  }
}

}  // namespace
}  // namespace weft::http
