#include "integrations/http/destinations.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "net/http.h"

namespace weft::http {
namespace {

// Link-local addresses, among which are most clouds' metadata services, and those that are
// elsewhere: of Alibaba Cloud, Azure (its wire server), EC2 and EKS, Google Cloud, Oracle Cloud and
// its classic one, Scaleway, Akamai.
constexpr std::string_view kNever[] = {"169.254.0.0/16",    "fe80::/10",          "100.100.100.200",
                                       "fd00:100::100:200", "168.63.129.16",      "fd00:ec2::/32",
                                       "fd20:ce::/32",      "fd00:c1::/32",       "192.0.0.192",
                                       "fd00:42::42",       "fd00:a9fe:a9fe::/48"};
constexpr std::string_view kThisMachineOnly[] = {
    "0.0.0.0/8", "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
    "::",        "::1",         "fc00::/7",   "fec0::/10",     "198.18.0.0/15",  "240.0.0.0/4"};

bool is_host_name(std::string_view text) {
  constexpr size_t kNameBytesMax = 253;  // RFC 1035, as text
  return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
    return base::is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

base::Result<void> Destinations::List::add(std::string_view entry) {
  if (entry == "all") {
    ranges.push_back({{}, 0});
  } else if (auto range = net::AddressRange::parse(entry)) {
    ranges.push_back(*range);
  } else if (is_host_name(entry)) {
    hosts.push_back(net::lower_case(entry));
  } else {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no host, no address and no range such as 10.0.0.0/8", entry));
  }
  return {};
}

bool Destinations::List::names(std::string_view host, const net::IpAddress& address) const {
  const auto inside = [&](const net::IpAddress& one) {
    return std::ranges::any_of(ranges, [&](const auto& range) { return range.contains(one); });
  };
  const auto translated = address.embedded_v4();
  return inside(address) || (translated && inside(*translated)) ||
         std::ranges::find(hosts, net::lower_case(host)) != hosts.end();
}

base::Result<Destinations> Destinations::create(const std::vector<std::string>& allow,
                                                const std::vector<std::string>& deny,
                                                bool reached_by_others) {
  Destinations destinations;
  for (const std::string& entry : allow) {
    if (auto added = destinations.allowed_.add(entry); !added)
      return base::fail(added.error().code, "--http-allow: " + added.error().message);
  }
  for (const std::string& entry : deny) {
    if (auto added = destinations.denied_.add(entry); !added)
      return base::fail(added.error().code, "--http-deny: " + added.error().message);
  }
  if (!reached_by_others) return destinations;
  for (std::string_view range : kThisMachineOnly) (void)destinations.denied_.add(range);
  return destinations;
}

Destinations::Destinations() {
  for (std::string_view range : kNever) (void)denied_.add(range);
}

bool Destinations::may_connect(std::string_view host, const net::IpAddress& address) const {
  return allowed_.names(host, address) || !denied_.names(host, address);
}

}  // namespace weft::http
