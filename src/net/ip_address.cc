#include "net/ip_address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace weft::net {
namespace {

constexpr int kV4Offset = 12;  // of the four bytes among the sixteen

IpAddress v4_at(const std::array<uint8_t, 16>& bytes, size_t offset) {
  std::array<uint8_t, 4> v4;
  std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), v4.size(), v4.begin());
  return IpAddress::of_v4(v4);
}

bool begins(const std::array<uint8_t, 16>& bytes, std::initializer_list<uint8_t> with) {
  return std::equal(with.begin(), with.end(), bytes.begin());
}

}  // namespace

IpAddress IpAddress::of_v4(const std::array<uint8_t, 4>& v4) {
  IpAddress address;
  address.bytes[10] = address.bytes[11] = 0xff;
  std::ranges::copy(v4, address.bytes.begin() + kV4Offset);
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);  // inet_pton wants its end marked
  if (copy.size() != std::char_traits<char>::length(copy.c_str())) return std::nullopt;
  std::array<uint8_t, 4> v4;
  if (inet_pton(AF_INET, copy.c_str(), v4.data()) == 1) return of_v4(v4);
  IpAddress address;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_v4() const { return begins(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}); }

std::optional<IpAddress> IpAddress::embedded_v4() const {
  if (begins(bytes, {0x20, 0x02})) return v4_at(bytes, 2);
  const bool nat64 = begins(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool compatible = begins(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && bytes[12] != 0;
  if (nat64 || compatible) return v4_at(bytes, kV4Offset);
  return std::nullopt;
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  const bool v4 = is_v4();
  const void* from = v4 ? bytes.data() + kV4Offset : bytes.data();
  return inet_ntop(v4 ? AF_INET : AF_INET6, from, buffer, sizeof(buffer));
}

base::Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto no_range = [&] {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no address and no range of addresses such as 10.0.0.0/8", text));
  };
  const size_t slash = text.find('/');
  const auto first = IpAddress::parse(text.substr(0, slash));
  if (!first) return no_range();
  AddressRange range{*first, 128};
  if (slash == std::string_view::npos) return range;
  const std::string_view bits = text.substr(slash + 1);
  const int most = first->is_v4() ? 32 : 128;
  int given = 0;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), given);
  if (error != std::errc() || end != bits.data() + bits.size() || given < 0 || given > most) {
    return no_range();
  }
  range.bits = 128 - most + given;
  return range;
}

bool AddressRange::contains(const IpAddress& address) const {
  const size_t whole = static_cast<size_t>(bits) / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + static_cast<ptrdiff_t>(whole),
                  address.bytes.begin())) {
    return false;
  }
  if (bits % 8 == 0) return true;
  return ((first.bytes[whole] ^ address.bytes[whole]) >> (8 - bits % 8)) == 0;
}

}  // namespace weft::net
