#pragma once

#include <optional>
#include <string>

#include "net/http.h"

namespace weft::api {

// Nothing here is authenticated, so a browser must not be used as a way in by pages of other sites.
// Why a request is refused, or nothing:
// - its Origin is another one than the server's, as its Host names it;
// - `local` (the server listens on loopback addresses only): its Host is a name that others could
//   have pointed here ("DNS rebinding"): neither an IP address nor localhost.
// Clients that are no browsers send no Origin. Any thread.
std::optional<std::string> refusal(const net::Request& request, bool local);

}  // namespace weft::api
