#include "net/ip_address.h"

#include <gtest/gtest.h>

namespace weft::net {
namespace {

TEST(IpAddress, Parse_ReadsAddressesOnly) {
  for (const auto& [text, same] : {std::pair{"10.1.2.3", "10.1.2.3"},
                                   {"::ffff:10.1.2.3", "10.1.2.3"},
                                   {"FE80:0::1", "fe80::1"},
                                   {"::1", "::1"}}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->text(), same);
  }
  for (const char* text : {"", "localhost", "10.1.2", "0x7f.0.0.1", "010.0.0.1", "2130706433",
                           "10.1.2.3/8", "fe80::1%eth0", "[::1]"}) {
    EXPECT_FALSE(IpAddress::parse(text).has_value()) << text;
  }
}

TEST(IpAddress, EmbeddedV4_OfTranslatedAddresses) {
  for (const char* text : {"64:ff9b::169.254.1.2", "2002:a9fe:102::1", "::169.254.1.2"}) {
    const auto embedded = IpAddress::parse(text)->embedded_v4();
    ASSERT_TRUE(embedded.has_value()) << text;
    EXPECT_EQ(embedded->text(), "169.254.1.2");
  }
  for (const char* text : {"::1", "::", "10.0.0.1", "2001:db8::1", "64:ff9c::1.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)->embedded_v4().has_value()) << text;
  }
}

TEST(AddressRange, Contains_ByItsFirstBits) {
  struct Case {
    const char* range;
    const char* address;
    bool inside;
  };
  for (const Case& each :
       {Case{"172.16.0.0/12", "172.31.255.255", true}, Case{"172.16.0.0/12", "172.32.0.0", false},
        Case{"172.16.0.0/12", "::ffff:172.16.0.1", true}, Case{"fe80::/10", "febf::1", true},
        Case{"fe80::/10", "fec0::1", false}, Case{"0.0.0.0/0", "8.8.8.8", true},
        Case{"0.0.0.0/0", "::1", false}, Case{"::/0", "8.8.8.8", true},
        Case{"127.0.0.1", "127.0.0.1", true}, Case{"127.0.0.1", "127.0.0.2", false}}) {
    const auto range = AddressRange::parse(each.range);
    ASSERT_TRUE(range.has_value()) << each.range;
    EXPECT_EQ(range->contains(*IpAddress::parse(each.address)), each.inside)
        << each.range << " " << each.address;
  }
}

TEST(AddressRange, Parse_RefusesOthers) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "fe80::/129", "host/8"}) {
    const auto range = AddressRange::parse(text);
    ASSERT_FALSE(range.has_value()) << text;
    EXPECT_EQ(range.error().code, base::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace weft::net
