#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/ip_address.h"

namespace weft::http {

// Where HTTP tasks may connect to. Link-local addresses and those of clouds' metadata services are
// denied, which hand out the machine's own credentials; for an API that others than this machine
// reach, loopback and private networks too, because whoever may create a state machine there could
// otherwise ask what only this machine may. Everything else is allowed.
class Destinations {
 public:
  Destinations();  // with no lists, for this machine alone
  // `allow` and `deny` hold addresses, ranges of them, names of hosts as URLs spell them, or "all".
  // What `allow` names is allowed, whatever else says; then what `deny` names is denied.
  // kInvalidArgument: an entry is none of these.
  static base::Result<Destinations> create(const std::vector<std::string>& allow,
                                           const std::vector<std::string>& deny,
                                           bool reached_by_others);

  // Judges the address that a host's name was found to have, not how it is written.
  bool may_connect(std::string_view host, const net::IpAddress& address) const;

 private:
  struct List {
    std::vector<net::AddressRange> ranges;
    std::vector<std::string> hosts;  // in lower case

    base::Result<void> add(std::string_view entry);
    bool names(std::string_view host, const net::IpAddress& address) const;
  };
  List allowed_;
  List denied_;
};

}  // namespace weft::http
