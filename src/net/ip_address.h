#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::net {

// An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d, so that the two spellings of it are the same.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  static IpAddress of_v4(const std::array<uint8_t, 4>& v4);
  // "10.0.0.1", "fe80::1"; nothing for other text, host names and numbers in other forms too.
  static std::optional<IpAddress> parse(std::string_view text);
  bool is_v4() const;
  // The IPv4 address that a translated one stands for: NAT64's 64:ff9b::a.b.c.d, 6to4's 2002:, and
  // ::a.b.c.d of old. Nothing for others.
  std::optional<IpAddress> embedded_v4() const;
  std::string text() const;
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// Addresses with the same first bits: "10.0.0.0/8", "fe80::/10", or one address.
struct AddressRange {
  IpAddress first;
  int bits = 128;  // of the sixteen bytes

  // kInvalidArgument: what is no such text.
  static base::Result<AddressRange> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
};

}  // namespace weft::net
